import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { type Pool } from 'pg';
import { PG_POOL } from '../../database/index.js';
import { GroupedLookup } from '../../shared/grouped-lookup.js';
import { randomBunches } from '../../shared/random-bunches.js';
import { KEY_BYTES, KeyRing, type WrappedKey } from './key-ring.js';

/** A task's key in the clear, and as it goes to the database; null when it is there already. */
export interface DataKey {
  readonly key: Buffer;
  readonly toStore: WrappedKey | null;
}

interface KeyRow {
  task_id: string;
  key_id: string;
  wrapped: Buffer;
}

/** Another process may have erased the task: its key is forgotten after this long. */
const REMEMBERED_MS = 5_000;
const MOST_REMEMBERED = 20_000;

const nextKey = randomBunches(KEY_BYTES);

/**
 * One key per task, stored wrapped, written with the task's first event and destroyed by its erasure.
 *
 * Keys in the clear stay in memory for at most 5 s.
 */
@Injectable()
export class DataKeys {
  private readonly remembered = new LRUCache<string, Buffer>({ max: MOST_REMEMBERED, ttl: REMEMBERED_MS });
  private readonly rows: GroupedLookup<KeyRow>;
  private readonly underWay = new Map<string, Promise<Buffer | null>>();

  constructor(
    private readonly ring: KeyRing,
    @Inject(PG_POOL) pool: Pool,
  ) {
    this.rows = new GroupedLookup(async (ids) => {
      const { rows } = await pool.query<KeyRow>({
        name: 'task_keys',
        text: `select k.* from unnest($1::uuid[]) as wanted (id)
                 cross join lateral (select * from task_key where task_id = wanted.id limit 1) k`,
        values: [ids],
      });
      return new Map(rows.map((row) => [row.task_id, row]));
    });
  }

  /** A new key. It counts once it is stored; until then it is not remembered. */
  create(taskId: string): DataKey {
    const key = nextKey();
    return { key, toStore: this.ring.wrap(key, taskId) };
  }

  /**
   * Null: the task was erased, or is older than encryption. Asked for by several at once it is read once.
   *
   * @throws UnknownEncryptionKeyError when the master key that wrapped it is missing
   */
  async find(taskId: string): Promise<Buffer | null> {
    const known = this.remembered.get(taskId);
    if (known) return known;
    let reading = this.underWay.get(taskId);
    if (!reading) {
      reading = this.read(taskId).finally(() => this.underWay.delete(taskId));
      this.underWay.set(taskId, reading);
    }
    return reading;
  }

  private async read(taskId: string): Promise<Buffer | null> {
    const row = await this.rows.get(taskId);
    if (!row) return null;
    const key = this.ring.unwrap({ keyId: row.key_id, wrapped: row.wrapped }, taskId);
    this.remember(taskId, key);
    return key;
  }

  /** The key has been stored. */
  remember(taskId: string, key: Buffer): void {
    this.remembered.set(taskId, key);
  }

  forget(taskId: string): void {
    this.remembered.delete(taskId);
  }
}
