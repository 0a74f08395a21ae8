import { Inject, Injectable } from '@nestjs/common';
import { type Pool } from 'pg';
import { PG_POOL } from '../../database/index.js';
import { type HoldReason } from '../domain/task.events.js';

/** Reasons of holds that end when the account is resumed or the key is replaced. */
const FOLLOWS_ACCOUNT: readonly HoldReason[] = ['provider_auth', 'insufficient_credits', 'model_forbidden'];

/** Finds tasks that wait for the account. */
@Injectable()
export class WaitingTasks {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  async hasAnotherWithoutCredits(taskId: string): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `select from task where status = 'held' and facts ->> 'error' = 'insufficient_credits' and id <> $1 limit 1`,
      [taskId],
    );
    return rowCount !== 0;
  }

  /** The oldest task held for want of credits: the one to probe with. */
  async oldestWithoutCredits(): Promise<string | null> {
    const { rows } = await this.pool.query<{ id: string }>(
      `select id from task where status = 'held' and facts ->> 'error' = 'insufficient_credits' order by position limit 1`,
    );
    return rows[0]?.id ?? null;
  }

  /** The queued task that is due the longest, of a model that is not paused. */
  async longestDue(pausedModels: readonly string[]): Promise<{ id: string; version: number } | null> {
    const { rows } = await this.pool.query<{ id: string; version: number }>(
      `select task_id as id, version from task_timer
        where lane = 'submit' and due_at <= statement_timestamp() and model <> all($1) order by due_at limit 1`,
      [pausedModels],
    );
    return rows[0] ?? null;
  }

  /**
   * Held tasks that an account event has freed, oldest first: held before the account was resumed, or held because of a
   * key that is no longer the one in use.
   */
  async freed(account: string, resumedAt: Date | null, limit: number): Promise<string[]> {
    const { rows } = await this.pool.query<{ id: string }>(
      `select id from task
        where status = 'held' and facts ->> 'error' = any($1)
          and (held_since < $2 or (facts ->> 'error' = 'provider_auth' and facts ->> 'account' <> $3))
        order by position limit $4`,
      [FOLLOWS_ACCOUNT, resumedAt, account, limit],
    );
    return rows.map((row) => row.id);
  }

  /** Every held task, whatever the reason. */
  async allHeld(limit: number): Promise<string[]> {
    const { rows } = await this.pool.query<{ id: string }>(
      `select id from task where status = 'held' order by position limit $1`,
      [limit],
    );
    return rows.map((row) => row.id);
  }
}
