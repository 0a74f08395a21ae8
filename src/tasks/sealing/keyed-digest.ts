import { createHmac, randomBytes } from 'node:crypto';
import { type Pool } from 'pg';
import { KEY_BYTES, type KeyRing } from './key-ring.js';

/** Named in the database; its wrapped key is bound to this name. */
const NAME = 'keyed digests';

/**
 * Digests by which private texts are found and compared without being stored: nobody without the key can try out guesses.
 *
 * The key is random, one for the whole log, stored wrapped: it stays the same when the master key is rotated.
 */
export class KeyedDigest {
  constructor(private readonly key: Buffer) {}

  /** 22 characters of base64url. Different lists of texts have different digests. */
  of(...texts: readonly string[]): string {
    return createHmac('sha256', this.key).update(JSON.stringify(texts)).digest('base64url').slice(0, 22);
  }
}

/**
 * Reads the key of this log, or makes it. Safe from several processes at once.
 *
 * @throws UnknownEncryptionKeyError when the ring lacks the master key that wrapped it
 */
export const openKeyedDigest = async (pool: Pool, ring: KeyRing): Promise<KeyedDigest> => {
  const { keyId, wrapped } = ring.wrap(randomBytes(KEY_BYTES), NAME);
  await pool.query(
    `insert into log_key (name, key_id, wrapped) select $1, $2, $3
      where not exists (select from log_key where name = $1) on conflict do nothing`,
    [NAME, keyId, wrapped],
  );
  const { rows } = await pool.query<{ key_id: string; wrapped: Buffer }>(
    'select key_id, wrapped from log_key where name = $1',
    [NAME],
  );
  const [row] = rows;
  return new KeyedDigest(ring.unwrap({ keyId: row!.key_id, wrapped: row!.wrapped }, NAME));
};
