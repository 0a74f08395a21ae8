import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { type Pool } from 'pg';
import { PG_POOL } from '../../database/index.js';
import { CLOCK, type Clock } from '../../shared/clock.js';
import { GroupedLookup } from '../../shared/grouped-lookup.js';
import { randomBunches } from '../../shared/random-bunches.js';
import { KeyEpoch, TRUSTED_MS } from './key-epoch.js';
import { KEY_BYTES, KeyRing, type WrappedKey } from './key-ring.js';

/** A task's key in the clear, and as it goes to the database; null when it is there already. */
export interface DataKey {
  readonly key: Buffer;
  readonly toStore: WrappedKey | null;
  /** In which it was made. Null: before the first one was known, or the key is there already. */
  readonly epoch: string | null;
}

interface KeyRow {
  task_id: string;
  key_id: string;
  wrapped: Buffer;
}

interface Reading {
  /** Monotonic, milliseconds. */
  readonly startedAt: number;
  readonly key: Promise<Buffer | null>;
}

/** As many as states of tasks at most; a key is small beside one. */
const MOST_REMEMBERED = 50_000;

const nextKey = randomBunches(KEY_BYTES);

/**
 * One key per task, stored wrapped, written with the task's first event and destroyed by its erasure.
 *
 * Keys in the clear stay in memory while no task is erased anywhere. An erasure by another process is noticed within 5 s,
 * and every key forgotten then; if the database cannot be asked, none is used for longer than 5 s.
 */
@Injectable()
export class DataKeys {
  /** All of the current epoch. */
  private readonly remembered = new LRUCache<string, Buffer>({ max: MOST_REMEMBERED });
  private readonly epoch: KeyEpoch;
  private readonly rows: GroupedLookup<KeyRow>;
  private readonly underWay = new Map<string, Reading>();

  constructor(
    private readonly ring: KeyRing,
    @Inject(PG_POOL) pool: Pool,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'monotonic'>,
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
    const readEpoch = async (): Promise<string | null> => {
      const { rows } = await pool.query<{ epoch: string }>({
        name: 'task_key_epoch',
        text: 'select epoch from task_key_epoch',
      });
      return rows[0]?.epoch ?? null;
    };
    this.epoch = new KeyEpoch(readEpoch, clock, () => this.remembered.clear());
  }

  /** A new key. It counts once it is stored; until then it is not remembered. */
  create(taskId: string): DataKey {
    const epoch = this.epoch.current();
    const key = nextKey();
    return { key, toStore: this.ring.wrap(key, taskId), epoch };
  }

  /**
   * Null: the task was erased, or is older than encryption. Asked for by several at once it is read once.
   *
   * @throws UnknownEncryptionKeyError when the master key that wrapped it is missing
   */
  async find(taskId: string): Promise<Buffer | null> {
    if (this.remembered.has(taskId) && !this.epoch.isTrusted()) await this.epoch.look();
    const known = this.epoch.isTrusted() ? this.remembered.get(taskId) : undefined;
    if (known) return known;
    return this.reading(taskId).key;
  }

  private reading(taskId: string): Reading {
    const startedAt = this.clock.monotonic();
    const underWay = this.underWay.get(taskId);
    // What a slow one is about to answer may have been destroyed since it looked.
    if (underWay && startedAt - underWay.startedAt < TRUSTED_MS) return underWay;
    const reading = { startedAt, key: this.read(taskId) };
    this.underWay.set(taskId, reading);
    const ended = (): void => {
      if (this.underWay.get(taskId) === reading) this.underWay.delete(taskId);
    };
    reading.key.then(ended, ended);
    return reading;
  }

  private async read(taskId: string): Promise<Buffer | null> {
    const epoch = this.epoch.current();
    const row = await this.rows.get(taskId);
    if (!row) return null;
    const key = this.ring.unwrap({ keyId: row.key_id, wrapped: row.wrapped }, taskId);
    this.remember(taskId, key, epoch);
    return key;
  }

  /** The key has been stored, or was read. Of another epoch it may be gone already. */
  remember(taskId: string, key: Buffer, epoch: string | null): void {
    if (epoch !== null && epoch === this.epoch.current()) this.remembered.set(taskId, key);
  }

  forget(taskId: string): void {
    this.remembered.delete(taskId);
  }
}
