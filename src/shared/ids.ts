import { createHash, randomUUID } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** True for a lower-case UUID, the only spelling we print and accept. */
export const isUuid = (text: string): boolean => UUID.test(text);

/** Makes ids; handed in so that tests can repeat a run. */
export type IdSource = () => string;

/** Injection token of the process's id source. */
export const ID_SOURCE = Symbol('IdSource');

/** A random UUIDv7: sorts by creation time, unique without coordination. */
export const uuidv7: IdSource = () => {
  const now = Date.now();
  if (now !== millisecond) {
    millisecond = now;
    const time = now.toString(16).padStart(12, '0');
    timePart = `${time.slice(0, 8)}-${time.slice(8)}-7`;
  }
  // randomUUID draws from a pool; asking for a few random bytes each time costs a system call.
  return timePart + randomUUID().slice(15);
};

/** Many ids are made in one millisecond: what they begin with is written out once. */
let millisecond = -1;
let timePart = '';

/**
 * The same UUID (version 8) for the same parts, in every process and for ever.
 *
 * Parts are length-prefixed, so ("ab", "c") and ("a", "bc") differ.
 */
export const uuidFrom = (...parts: readonly string[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) {
    const bytes = Buffer.from(part, 'utf8');
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return stamp(hash.digest().subarray(0, 16));
};

/** Marks sixteen bytes as a UUID of version 8, whose content is whatever its maker says. */
const stamp = (bytes: Buffer): string => {
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};
