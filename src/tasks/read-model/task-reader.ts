import { Inject, Injectable } from '@nestjs/common';
import { type Pool } from 'pg';
import { PG_POOL } from '../../database/index.js';
import { GroupedLookup } from '../../shared/grouped-lookup.js';
import { Sealer, type SealedPart } from '../sealing/sealer.js';
import { type TaskStatus } from '../domain/task.state.js';
import { type RowPart, type TaskFacts, type TaskRow } from './task-row.js';
import { viewOf, type TaskView } from './task-view.js';

export interface TaskFilter {
  /** Null: of every owner, for operators. */
  readonly owner: string | null;
  readonly statuses?: readonly TaskStatus[];
  readonly domains?: readonly string[];
  readonly model?: string;
  readonly createdAfter?: Date;
  readonly createdBefore?: Date;
  /** All of these metadata pairs, as digests. */
  readonly metadataDigests?: readonly string[];
  readonly id?: string;
  readonly providerTaskId?: string;
  readonly isErased?: boolean;
}

export interface TaskPage {
  readonly tasks: readonly TaskView[];
  /** Where the next page starts; null on the last one. */
  readonly nextBefore: number | null;
}

interface StoredTask {
  id: string;
  owner: string;
  domain: string;
  model: string;
  status: TaskStatus;
  version: number;
  position: string | number;
  created_at: Date;
  updated_at: Date;
  submitted_at: Date | null;
  completed_at: Date | null;
  last_polled_at: Date | null;
  held_since: Date | null;
  idempotency_key: string | null;
  erased_at: Date | null;
  metadata_digests: string[] | null;
  facts: TaskFacts;
  intent_event: string;
  intent: Buffer;
  outcome_event: string | null;
  outcome: Buffer | null;
  last_checked_at: Date | null;
}

const COLUMNS = `t.id, t.owner, t.domain, t.model, t.status, t.version, t.position, t.created_at, t.updated_at, t.submitted_at,
  t.completed_at, t.last_polled_at, t.held_since, t.erased_at, t.idempotency_key, t.metadata_digests, t.facts, t.intent_event, t.intent,
  t.outcome_event, t.outcome, w.last_checked_at`;

/** Each found by key, whatever the planner thinks of the tables. */
const BY_ID = `select ${COLUMNS} from unnest($1::uuid[]) as wanted (id)
  cross join lateral (select * from task where task.id = wanted.id limit 1) t
  left join lateral (select last_checked_at from task_timer where task_timer.task_id = t.id limit 1) w on true`;

/** Reads tasks from the read model. Single reads of the same turn share one query. */
@Injectable()
export class TaskReader {
  private readonly byId: GroupedLookup<StoredTask>;

  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly sealer: Sealer,
  ) {
    this.byId = new GroupedLookup(async (ids) => {
      const { rows } = await this.pool.query<StoredTask>({ name: 'tasks_by_id', text: BY_ID, values: [ids] });
      return new Map(rows.map((row) => [row.id, row]));
    });
  }

  /**
   * Null when there is no such task.
   *
   * @param owner whose it must be: another owner's task is null too, and nothing of it is opened
   */
  async find(id: string, owner?: string): Promise<TaskView | null> {
    const stored = await this.byId.get(id);
    if (!stored || (owner !== undefined && stored.owner !== owner)) return null;
    const [view] = await this.open([stored]);
    return view!;
  }

  /** Newest first. A task submitted while somebody pages never moves what they have not seen yet. */
  async list(filter: TaskFilter, limit: number, before: number | null): Promise<TaskPage> {
    const values: unknown[] = [];
    const bind = (value: unknown): string => `$${values.push(value)}`;
    const conditions = ['true'];
    if (filter.owner !== null) conditions.push(`t.owner = ${bind(filter.owner)}`);
    if (before !== null) conditions.push(`t.position < ${bind(before)}`);
    if (filter.statuses?.length) conditions.push(`t.status = any(${bind(filter.statuses)})`);
    if (filter.domains?.length) conditions.push(`t.domain = any(${bind(filter.domains)})`);
    if (filter.model !== undefined) conditions.push(`t.model = ${bind(filter.model)}`);
    if (filter.createdAfter) conditions.push(`t.created_at > ${bind(filter.createdAfter)}`);
    if (filter.createdBefore) conditions.push(`t.created_at < ${bind(filter.createdBefore)}`);
    if (filter.metadataDigests?.length)
      conditions.push(`t.metadata_digests @> ${bind(filter.metadataDigests)}`);
    if (filter.id !== undefined) conditions.push(`t.id = ${bind(filter.id)}`);
    if (filter.providerTaskId !== undefined) {
      conditions.push(
        `t.id in (select task_id from task_provider_id where provider_task_id = ${bind(filter.providerTaskId)})`,
      );
    }
    if (filter.isErased !== undefined) conditions.push(`t.erased_at is ${filter.isErased ? 'not ' : ''}null`);
    const { rows } = await this.pool.query<StoredTask>(
      `select ${COLUMNS} from task t left join task_timer w on w.task_id = t.id
        where ${conditions.join(' and ')} order by t.position desc limit ${bind(limit + 1)}`,
      values,
    );
    const page = rows.slice(0, limit);
    return {
      tasks: await this.open(page),
      nextBefore: rows.length > limit ? Number(page.at(-1)!.position) : null,
    };
  }

  /** Which task this provider id is bound to. */
  async boundTo(account: string, providerTaskId: string): Promise<string | null> {
    const { rows } = await this.pool.query<{ task_id: string }>(
      'select task_id from task_provider_id where account = $1 and provider_task_id = $2',
      [account, providerTaskId],
    );
    return rows[0]?.task_id ?? null;
  }

  private async open(stored: readonly StoredTask[]): Promise<TaskView[]> {
    const parts: SealedPart[] = [];
    const want = (taskId: string, part: RowPart | null): number =>
      part ? parts.push({ taskId, ...part }) - 1 : -1;
    const wanted = stored.map((row) => ({
      intent: want(row.id, { eventId: row.intent_event, sealed: row.intent }),
      outcome: want(
        row.id,
        row.outcome && row.outcome_event ? { eventId: row.outcome_event, sealed: row.outcome } : null,
      ),
    }));
    const opened = await this.sealer.open(parts);
    return stored.map((row, index) => {
      const { intent, outcome } = wanted[index]!;
      const openedParts = {
        intent: opened[intent] ?? null,
        outcome: outcome < 0 ? null : (opened[outcome] ?? null),
      };
      return viewOf(toRow(row), openedParts, row.last_checked_at);
    });
  }
}

const toRow = (stored: StoredTask): TaskRow => ({
  id: stored.id,
  owner: stored.owner,
  domain: stored.domain,
  model: stored.model,
  status: stored.status,
  version: stored.version,
  createdAt: stored.created_at,
  updatedAt: stored.updated_at,
  submittedAt: stored.submitted_at,
  completedAt: stored.completed_at,
  lastPolledAt: stored.last_polled_at,
  heldSince: stored.held_since,
  idempotencyKey: stored.idempotency_key,
  metadataDigests: stored.metadata_digests ?? [],
  facts: stored.facts,
  erasedAt: stored.erased_at,
  intentEvent: stored.intent_event,
  outcomeEvent: stored.outcome_event,
});
