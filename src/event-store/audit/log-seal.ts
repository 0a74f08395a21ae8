import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';

/*
 * A seal says, signed: "at this position the hash chain of this log was this". The chain covers every event before it, so
 * one seal kept outside the database fixes the whole history up to it.
 *
 * What is signed is a text in UTF-8, each line ended by one line feed:
 *
 *   genledger seal 1
 *   log 0197f3a0-…                      the id in log_identity
 *   number 12                           1, 2, 3 … of this log
 *   position 48211                      last position of a batch
 *   chain 9f86d081…                     the chain at it, 64 hex digits
 *   recorded 2026-11-23T10:00:00.000Z   database clock when it was sealed
 *   previous 2c26b46b…                  SHA-256 of this text of the seal before, 64 hex digits; zeros for the first
 *   key fcde2b2e…                       SHA-256 of the public key as SubjectPublicKeyInfo in DER, 64 hex digits
 *
 * The signature is Ed25519 (RFC 8032) over these bytes; openssl pkeyutl -verify -rawin checks it.
 */

/** A signed statement about the log. Hashes in lower-case hex. */
export interface LogSeal {
  readonly logId: string;
  readonly number: number;
  readonly position: number;
  readonly chain: string;
  readonly recordedAt: Date;
  readonly previous: string;
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Buffer;
  readonly signature: Buffer;
}

/** What `previous` of the first seal says. */
export const NO_SEAL_BEFORE = '0'.repeat(64);

/** Fingerprint of a public key, as it stands in seals. */
export const keyIdOf = (publicKey: Buffer): string => createHash('sha256').update(publicKey).digest('hex');

/** The bytes that are signed. */
export const sealStatement = (seal: Omit<LogSeal, 'signature'>): Buffer =>
  Buffer.from(
    [
      'genledger seal 1',
      `log ${seal.logId}`,
      `number ${seal.number}`,
      `position ${seal.position}`,
      `chain ${seal.chain}`,
      `recorded ${seal.recordedAt.toISOString()}`,
      `previous ${seal.previous}`,
      `key ${keyIdOf(seal.publicKey)}`,
      '',
    ].join('\n'),
    'utf8',
  );

/** What the next seal says in `previous`. */
export const sealDigest = (seal: Omit<LogSeal, 'signature'>): string =>
  createHash('sha256').update(sealStatement(seal)).digest('hex');

/** True when the key in the seal signed what the seal says. Whose key that is, is another question. */
export const isSignatureRight = (seal: LogSeal): boolean => {
  const key = readPublicKey(seal.publicKey);
  return key !== null && verify(null, sealStatement(seal), key, seal.signature);
};

const readPublicKey = (der: Buffer): KeyObject | null => {
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' ? key : null;
  } catch {
    return null;
  }
};
