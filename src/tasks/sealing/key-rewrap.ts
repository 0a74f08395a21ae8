import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { type Pool } from 'pg';
import { PG_POOL } from '../../database/index.js';
import { KeyRing } from './key-ring.js';

export interface RewrapProgress {
  /** Keys looked at so far, and how many of them were wrapped anew. */
  readonly seen: number;
  readonly rewrapped: number;
  /** The walk is over: every key is wrapped by the newest master key. */
  readonly done: boolean;
}

interface KeyRow {
  id: string;
  key_id: string;
  wrapped: Buffer;
}

const PAGE = 1_000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/**
 * After a rotation: wraps every stored key anew under the newest master key, so that older ones can be removed.
 *
 * Page by page, beside all other work; what is sealed is not touched. Any number of processes may walk at once, and a
 * walk that was broken off is simply begun again.
 */
@Injectable()
export class KeyRewrap {
  constructor(
    private readonly ring: KeyRing,
    @Inject(PG_POOL) private readonly pool: Pool,
  ) {}

  /** There is more than one master key, so there may be something to do. */
  get isWanted(): boolean {
    return this.ring.isRotating;
  }

  /**
   * One walk over all keys.
   *
   * @param pauseMs between two pages
   * @throws UnknownEncryptionKeyError when a key is wrapped by a master key that is not in the ring
   */
  async *run(pauseMs = 0, signal?: AbortSignal): AsyncGenerator<RewrapProgress> {
    let [seen, rewrapped] = [0, 0];
    rewrapped += await this.logKeys();
    for (let after: string | null = FIRST_ID; after !== null;) {
      signal?.throwIfAborted();
      const page: { last: string | null; seen: number; rewrapped: number } = await this.page(after);
      seen += page.seen;
      rewrapped += page.rewrapped;
      after = page.last;
      yield { seen, rewrapped, done: after === null };
      if (after !== null && pauseMs > 0) await pause(pauseMs, undefined, { signal });
    }
  }

  private async page(after: string): Promise<{ last: string | null; seen: number; rewrapped: number }> {
    const { rows } = await this.pool.query<KeyRow>(
      'select task_id as id, key_id, wrapped from task_key where task_id > $1 order by task_id limit $2',
      [after, PAGE],
    );
    const stale = rows.filter(({ key_id }) => key_id !== this.ring.newest);
    const renewed = stale.map(({ id, key_id, wrapped }) => this.renew(id, key_id, wrapped));
    if (renewed.length > 0) {
      // An erasure or another walk may have been first: then there is nothing to update.
      await this.pool.query(
        `update task_key k set key_id = $1, wrapped = u.wrapped
           from unnest($2::uuid[], $3::text[], $4::bytea[]) as u (task_id, key_id, wrapped)
          where k.task_id = u.task_id and k.key_id = u.key_id`,
        [this.ring.newest, stale.map(({ id }) => id), stale.map(({ key_id }) => key_id), renewed],
      );
    }
    return {
      last: rows.length < PAGE ? null : rows.at(-1)!.id,
      seen: rows.length,
      rewrapped: renewed.length,
    };
  }

  private async logKeys(): Promise<number> {
    const { rows } = await this.pool.query<KeyRow>(
      'select name as id, key_id, wrapped from log_key where key_id <> $1',
      [this.ring.newest],
    );
    for (const { id, key_id, wrapped } of rows) {
      await this.pool.query('update log_key set key_id = $1, wrapped = $2 where name = $3 and key_id = $4', [
        this.ring.newest,
        this.renew(id, key_id, wrapped),
        id,
        key_id,
      ]);
    }
    return rows.length;
  }

  private renew(belongsTo: string, keyId: string, wrapped: Buffer): Buffer {
    return this.ring.wrap(this.ring.unwrap({ keyId, wrapped }, belongsTo), belongsTo).wrapped;
  }
}
