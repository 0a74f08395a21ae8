import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { randomBunches } from '../../shared/random-bunches.js';
import { UnknownEncryptionKeyError } from './sealing.errors.js';

/** A data key as it is stored: encrypted under the master key that is named. */
export interface WrappedKey {
  readonly keyId: string;
  readonly wrapped: Buffer;
}

export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

/**
 * AES-256-GCM with a fresh random nonce: nonce, ciphertext, tag, one behind the other.
 *
 * @param boundTo is authenticated, not stored: opening needs the same text
 */
export const encrypt = (key: Buffer, plain: Buffer, boundTo: string): Buffer => {
  const nonce = nextNonce();
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(boundTo, 'utf8'));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
};

const nextNonce = randomBunches(NONCE_BYTES);

/** @throws Error when the key or the text is another one, or a byte has changed */
export const decrypt = (key: Buffer, sealed: Buffer, boundTo: string): Buffer => {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new Error('This is shorter than anything sealed.');
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES))
    .setAAD(Buffer.from(boundTo, 'utf8'))
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
};

/**
 * The master keys. The newest wraps; each of them unwraps what it wrapped.
 *
 * Data keys are bound to what they belong to, so a wrapped key copied to another row opens nothing.
 */
export class KeyRing {
  private readonly keys: ReadonlyMap<string, Buffer>;
  /** Names the key that wraps. */
  readonly newest: string;

  /**
   * @param keys 32 bytes each as base64, newest first
   * @throws TypeError when there is none or one has another length; the message never contains a key
   */
  constructor(keys: readonly string[]) {
    const raw = keys.map((key) => Buffer.from(key, 'base64'));
    if (raw.length === 0 || raw.some(({ length }) => length !== KEY_BYTES))
      throw new TypeError('Encryption needs at least one key, each of 32 bytes as base64.');
    this.keys = new Map(raw.map((key) => [keyIdOf(key), key]));
    this.newest = keyIdOf(raw[0]!);
  }

  /** More than one key: a rotation is under way. */
  get isRotating(): boolean {
    return this.keys.size > 1;
  }

  wrap(dataKey: Buffer, belongsTo: string): WrappedKey {
    return { keyId: this.newest, wrapped: encrypt(this.keys.get(this.newest)!, dataKey, binding(belongsTo)) };
  }

  /**
   * @throws UnknownEncryptionKeyError when the key that wrapped it is not in the ring
   * @throws Error when it belongs to something else or was changed
   */
  unwrap({ keyId, wrapped }: WrappedKey, belongsTo: string): Buffer {
    const key = this.keys.get(keyId);
    if (!key) throw new UnknownEncryptionKeyError(keyId, [...this.keys.keys()]);
    return decrypt(key, wrapped, binding(belongsTo));
  }
}

/** Tells keys apart and says nothing about them. */
const keyIdOf = (key: Buffer): string =>
  createHash('sha256').update('genledger key id 1').update(key).digest('hex').slice(0, 16);

const binding = (belongsTo: string): string => `genledger data key 1\n${belongsTo}`;
