import fc from 'fast-check';
import { AppendRefusedError, type PostgresEventStore } from '../../../src/event-store/index.js';
import { systemClock } from '../../../src/shared/clock.js';
import { uuidv7 } from '../../../src/shared/ids.js';
import { type JsonObject } from '../../../src/shared/json.js';
import { PENDING } from '../../../src/tasks/domain/instant.js';
import { planWake } from '../../../src/tasks/domain/plan-wake.js';
import { evolve, type Task } from '../../../src/tasks/domain/task.state.js';
import { Life, perform, POLICY, policyWith, randomHistory } from '../../../src/tasks/domain/testing/index.js';
import { type TaskEvent, TaskReader } from '../../../src/tasks/index.js';
import { taskChange, taskDocument } from '../../../src/tasks/read-model/task-document.js';
import { DataKeys } from '../../../src/tasks/sealing/data-keys.js';
import { KeyRing } from '../../../src/tasks/sealing/key-ring.js';
import { Sealer } from '../../../src/tasks/sealing/sealer.js';
import { toNewEvents } from '../../../src/tasks/stream/task-stream.js';
import { type TestDatabase } from '../../support/postgres.js';
import { openStore } from '../event-store/open-store.js';

/** What happens to a task, append by append. */
export type Appends = readonly (readonly TaskEvent[])[];

/** Random lives, the same for the same seed. */
export const randomLives = (count: number, seed: number): readonly Appends[] =>
  fc.sample(randomHistory, { numRuns: count, seed }).map(({ expectedFiles, unconfirmedPolicy, actions }) => {
    const life = new Life(policyWith({ unconfirmedPolicy }), expectedFiles);
    const appends: (readonly TaskEvent[])[] = [];
    let told = 0;
    const keep = (): void => {
      appends.push(life.steps.slice(told).map(({ event }) => event));
      told = life.steps.length;
    };
    keep();
    life.onAppend = keep;
    actions.forEach((action) => perform(life, action));
    return appends;
  });

/** Writes tasks as a server does, sealed and with their rows, but only what it is told to. */
export class RecordedTasks {
  private readonly store: PostgresEventStore;
  private readonly sealer: Sealer;
  private readonly states = new Map<string, Task>();
  readonly reader: TaskReader;

  constructor(database: TestDatabase) {
    this.store = openStore(database, { inlineProjections: ['project_tasks'] });
    const ring = new KeyRing([Buffer.alloc(32, 7).toString('base64')]);
    this.sealer = new Sealer(new DataKeys(ring, database.pool, systemClock));
    this.reader = new TaskReader(database.pool, this.sealer);
  }

  /** Answers the version of the task afterwards. */
  async append(id: string, facts: readonly TaskEvent[]): Promise<number> {
    // Each task has provider ids of its own.
    const events = JSON.parse(JSON.stringify(facts).replaceAll('"p-', `"p-${id}-`)) as TaskEvent[];
    const before = this.states.get(id) ?? null;
    const key = before?.erasedAt ? null : await this.sealer.keyFor(id, before === null);
    const seal = key && ((eventId: string, part: JsonObject) => this.sealer.seal(key, id, eventId, part));
    const ids = events.map(() => uuidv7());
    const stored = toNewEvents(events, ids, seal);
    const after = (recordedAt: Date): Task =>
      events.reduce<Task | null>((task, event, index) => {
        const occurrence = { id: ids[index]!, version: (task?.version ?? 0) + 1, recordedAt, event };
        return evolve(task, occurrence, { id, owner: 'acme', correlationId: null });
      }, before)!;
    const wake = planWake(after(PENDING), { dice: 0.5, checks: null }, POLICY);
    const change = taskChange(after(PENDING), wake, events, stored, null, key?.toStore ?? null);
    const { recordedAt } = await this.store.append({
      streamId: id,
      expected: before?.version ?? 'none',
      events: stored,
      owner: 'acme',
      actor: 'worker',
      correlationId: null,
      causationId: null,
      document: taskDocument(change),
    });
    const task = after(recordedAt);
    this.states.set(id, task);
    if (key?.toStore) this.sealer.stored(id, key);
    if (task.erasedAt !== null) this.sealer.erased(id);
    return task.version;
  }

  /** Writes lives mixed with each other. Answers the ids of the tasks. */
  async live(lives: readonly Appends[]): Promise<readonly string[]> {
    const open = lives.map((appends) => ({ id: uuidv7(), rest: [...appends] }));
    const ids = open.map(({ id }) => id);
    for (let turn = 0; open.length > 0; turn += 7) {
      const index = turn % open.length;
      const { id, rest } = open[index]!;
      const isWritten = await this.append(id, rest.shift()!).catch(refused);
      if (isWritten === null || rest.length === 0) open.splice(index, 1);
    }
    return ids;
  }

  close(): Promise<void> {
    return this.store.close();
  }
}

/** A second attempt was given the id of the first: in life that is decided anew, here the task ends. */
export const refused = (error: unknown): null => {
  if (error instanceof AppendRefusedError && error.constraint === 'task_provider_id_bound_once') return null;
  throw error;
};

/** Every row of the read model as text, in order. */
export const readModel = async ({ pool }: TestDatabase): Promise<Record<string, readonly string[]>> => {
  const rows = async (table: string): Promise<readonly string[]> =>
    (await pool.query<{ row: string }>(`select t::text as row from ${table} t order by 1`)).rows.map(
      ({ row }) => row,
    );
  return { task: await rows('task'), task_provider_id: await rows('task_provider_id') };
};

/** Everything about the tables that a reader, a writer or an operator could notice. */
export const descriptionOf = async ({ pool }: TestDatabase): Promise<readonly unknown[]> => {
  const { rows } = await pool.query<Record<string, unknown>>(`
    select c.relname, 'table' as kind, jsonb_build_array(c.reloptions, c.relowner::regrole,
           coalesce(c.relacl, acldefault('r', c.relowner))::text, c.relpersistence) as what
      from pg_class c where c.relnamespace = 'genledger'::regnamespace and c.relname like 'task%' and c.relkind = 'r'
    union all
    select a.attrelid::regclass::text, 'column', jsonb_build_array(a.attnum, a.attname, format_type(a.atttypid, a.atttypmod),
           a.attnotnull, a.attcollation, a.attacl::text, pg_get_expr(d.adbin, d.adrelid))
      from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attrelid in ('task'::regclass, 'task_provider_id'::regclass) and a.attnum > 0
    union all
    select tablename, 'index', to_jsonb(indexdef) from pg_indexes where schemaname = 'genledger' and tablename like 'task%'
    union all
    select conrelid::regclass::text, 'constraint', jsonb_build_array(conname, contype, pg_get_constraintdef(oid))
      from pg_constraint where conrelid in ('task'::regclass, 'task_provider_id'::regclass)
    union all
    select relname, 'left over', 'true' from pg_class
     where relnamespace = 'genledger'::regnamespace and relname like '%rebuild%' and relname not like 'projection_rebuild%'
    order by 1, 2, 3`);
  return rows;
};
