import { createHash, hash as hashOnce } from 'node:crypto';

/*
 * The bytes that hashes are taken of. An auditor can do it again in any language:
 *
 *   event hash  = sha256(field…), the fields in this order:
 *                   'genledger event 1', stream_id, event_id, type, schema_version, owner, actor, correlation_id,
 *                   causation_id, data, sealed
 *                 Each field is its length in bytes (unsigned 32 bit, big-endian) and its bytes; null is the length
 *                 0xffffffff and no bytes. Texts are UTF-8, ids are the 36 lower-case characters, schema_version is
 *                 decimal digits, data is the stored text (`data::text`), sealed the stored bytes.
 *   digest      = sha256(position, stream_id, version, event hash, of each event of the batch in order of position),
 *                 as 8 bytes signed big-endian, the 16 bytes of the id, 4 bytes signed big-endian, 32 bytes
 *   chain       = sha256(previous chain, last position of the batch, recorded_at, digest),
 *                 as 32 bytes (zeros before the first batch), 8 bytes, milliseconds since 1970 as 8 bytes, 32 bytes
 *
 * The event hash is taken before the event has a place; digest and chain (computed in append_events) fix its position,
 * version and time. So nothing of an event can change unnoticed by somebody who kept a later chain value.
 */

/** What the hash of an event covers. `data` is the text as stored. */
export interface HashedContent {
  readonly streamId: string;
  readonly eventId: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly owner: string;
  readonly actor: string;
  readonly correlationId: string | null;
  readonly causationId: string | null;
  readonly data: string;
  readonly sealed: Buffer | null;
}

const FORMAT = field('genledger event 1');
const NULL_LENGTH = 0xffff_ffff;

/** Reused from call to call: hashing is synchronous, and an allocation per event is what costs most here. */
let scratch = Buffer.allocUnsafeSlow(64 * 1024);
let end = 0;

/** SHA-256 of an event, lower-case hex. */
export const eventHash = (event: HashedContent): string => eventHashBytes(event).toString('hex');

/** SHA-256 of an event, 32 bytes. */
export const eventHashBytes = (event: HashedContent): Buffer => {
  end = FORMAT.copy(scratch, 0);
  writeText(event.streamId);
  writeText(event.eventId);
  writeText(event.type);
  writeText(String(event.schemaVersion));
  writeText(event.owner);
  writeText(event.actor);
  writeText(event.correlationId);
  writeText(event.causationId);
  writeText(event.data);
  writeBytes(event.sealed);
  return hashOnce('sha256', scratch.subarray(0, end), 'buffer');
};

/** The chain before the first batch. */
export const GENESIS_CHAIN = Buffer.alloc(32);

/** What the digest of a batch covers, of each of its events in order of position. */
export interface PlacedHash {
  readonly position: number;
  readonly streamId: string;
  readonly version: number;
  /** As {@link eventHash} gives it. */
  readonly hash: string;
}

export const batchDigest = (events: Iterable<PlacedHash>): Buffer => {
  const digest = createHash('sha256');
  for (const event of events) {
    const row = Buffer.alloc(60);
    row.writeBigInt64BE(BigInt(event.position), 0);
    row.write(event.streamId.replaceAll('-', ''), 8, 'hex');
    row.writeInt32BE(event.version, 24);
    row.write(event.hash, 28, 'hex');
    digest.update(row);
  }
  return digest.digest();
};

export const chainLink = (
  previous: Buffer,
  lastPosition: number,
  recordedAt: Date,
  digest: Buffer,
): Buffer => {
  const numbers = Buffer.alloc(16);
  numbers.writeBigInt64BE(BigInt(lastPosition), 0);
  numbers.writeBigInt64BE(BigInt(recordedAt.getTime()), 8);
  return createHash('sha256').update(previous).update(numbers).update(digest).digest();
};

function field(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function writeText(text: string | null): void {
  if (text === null) return writeNull();
  makeRoom(text.length * 3);
  const length = scratch.write(text, end + 4, 'utf8');
  scratch.writeUInt32BE(length, end);
  end += 4 + length;
}

function writeBytes(bytes: Buffer | null): void {
  if (bytes === null) return writeNull();
  makeRoom(bytes.length);
  scratch.writeUInt32BE(bytes.length, end);
  bytes.copy(scratch, end + 4);
  end += 4 + bytes.length;
}

function writeNull(): void {
  makeRoom(0);
  scratch.writeUInt32BE(NULL_LENGTH, end);
  end += 4;
}

function makeRoom(bytes: number): void {
  const wanted = end + 4 + bytes;
  if (wanted <= scratch.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(wanted, scratch.length * 2));
  scratch.copy(larger, 0, 0, end);
  scratch = larger;
}
