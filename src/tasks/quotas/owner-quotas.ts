import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { type Pool } from 'pg';
import { PG_POOL } from '../../database/index.js';
import { CLOCK, type Clock } from '../../shared/clock.js';
import { TASKS_OPTIONS, type TasksOptions } from '../tasks.options.js';
import { QuotaExceededError } from './quota-exceeded.error.js';
import { exceededQuota, NO_QUOTAS, type Quotas, startOfDay, type Usage } from './quotas.js';

/** How long a count is used. What other processes admit meanwhile is not seen: by so much the quotas may be exceeded. */
const RECOUNT_MS = 1_000;

/** When an owner with too many open tasks may try again. */
const OPEN_RETRY_S = 10;

/*
 * Today's tasks are the newest of the owner, so both parts are read along an index, backwards until the day begins.
 * A failed task costs nothing unless the provider says so; a cancelled one only when it may have been charged.
 */
const USAGE = `
select (select count(*)::int from task
         where owner = $1 and status not in ('succeeded', 'failed', 'cancelled', 'expired')) as open,
       count(*)::int as tasks,
       coalesce(sum(case when facts->>'credits' is not null then (facts->>'credits')::float8
                         when status = 'failed' then 0
                         when status = 'cancelled' and facts->>'may_be_charged' is distinct from 'true' then 0
                         else $3::float8 end), 0) as credits
  from task
 where owner = $1
   and position > coalesce((select position from task where owner = $1 and created_at < $2
                             order by position desc limit 1), 0)`;

interface Counted {
  readonly usage: Promise<Usage>;
  readonly countedAt: number;
  readonly day: number;
  /** Admitted by this process since, whether stored yet or not. */
  admitted: number;
}

/**
 * Keeps each owner within its quotas. A bound on use, not bookkeeping: within a process it errs on the cautious side, between
 * processes by what the others admit within a second.
 */
@Injectable()
export class OwnerQuotas {
  private readonly quotas: Quotas;
  private readonly counts = new LRUCache<string, Counted>({ max: 10_000 });
  private readonly underWay = new LRUCache<string, number>({ max: 10_000 });

  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(TASKS_OPTIONS) options: TasksOptions,
  ) {
    this.quotas = options.quotas ?? NO_QUOTAS;
  }

  /**
   * Stores one more task of the owner if there is room. Tasks that are being stored count, so any number at once are
   * admitted as if one came after the other.
   *
   * @throws QuotaExceededError
   */
  async within<T>(owner: string, store: () => Promise<T>): Promise<T> {
    const { openTasks, tasksPerDay, creditsPerDay } = this.quotas;
    if (openTasks === null && tasksPerDay === null && creditsPerDay === null) return store();
    await this.admit(owner);
    this.underWay.set(owner, (this.underWay.get(owner) ?? 0) + 1);
    try {
      return await store();
    } finally {
      this.underWay.set(owner, Math.max(0, (this.underWay.get(owner) ?? 1) - 1));
    }
  }

  private async admit(owner: string): Promise<void> {
    const counted = this.countOf(owner);
    const stored = await counted.usage;
    // Nothing is awaited from here on, so no two requests see the same room.
    const { admitted } = counted;
    const exceeded = exceededQuota(this.quotas, {
      openTasks: stored.openTasks + admitted,
      tasksToday: stored.tasksToday + admitted,
      creditsToday: stored.creditsToday + admitted * this.quotas.creditsPerTask,
    });
    if (exceeded) throw new QuotaExceededError(exceeded, this.quotas, this.retryAfter(exceeded));
    counted.admitted++;
  }

  private countOf(owner: string): Counted {
    const now = this.clock.monotonic();
    const day = startOfDay(this.clock.now()).getTime();
    const known = this.counts.get(owner);
    if (known && now - known.countedAt < RECOUNT_MS && known.day === day) return known;
    // What is being stored may be in the count or not: it counts twice for a second rather than never.
    const admitted = this.underWay.get(owner) ?? 0;
    const counted: Counted = { usage: this.count(owner, new Date(day)), countedAt: now, day, admitted };
    this.counts.set(owner, counted);
    counted.usage.catch(() => {
      if (this.counts.get(owner) === counted) this.counts.delete(owner);
    });
    return counted;
  }

  private async count(owner: string, since: Date): Promise<Usage> {
    const { rows } = await this.pool.query<{ open: number; tasks: number; credits: number }>({
      name: 'owner_usage',
      text: USAGE,
      values: [owner, since, this.quotas.creditsPerTask],
    });
    const { open, tasks, credits } = rows[0]!;
    return { openTasks: open, tasksToday: tasks, creditsToday: credits };
  }

  private retryAfter(quota: 'openTasks' | 'tasksPerDay' | 'creditsPerDay'): number {
    if (quota === 'openTasks') return OPEN_RETRY_S;
    const now = this.clock.now();
    return Math.ceil((startOfDay(now).getTime() + 86_400_000 - now.getTime()) / 1_000);
  }
}
