import pg from 'pg';
import { type PreparedAppend } from '../../src/event-store/prepared-append.js';
import { SCHEMA } from './bench-database.js';
import { type TaskLife } from './task-lives.js';

/*
 * The ceiling: the rows that our append writes, into tables with the same indexes, in batches of the same size, by the
 * plain driver: array parameters, prepared statements, a transaction per batch. No check, no lock, no hash, no
 * notification. Everything that can be computed before is, positions too; only the driver and the database are measured.
 */

const APPENDS_PER_BATCH = 500;
const RAW = 'ceiling';
const NOBODY = Buffer.alloc(32);

/** Parameters of each statement, in the order of {@link STATEMENTS}. */
type Batch = { readonly values: readonly (readonly unknown[][])[]; readonly appends: number };

export interface RawResult {
  readonly appendsPerSecond: number;
}

export class RawCeiling {
  private position = 0;

  private constructor(private readonly clients: readonly pg.Client[]) {}

  /** Two connections by default: more than one processor can serve, and no row is wanted by both. */
  static async open(url: string, connections = 2): Promise<RawCeiling> {
    const clients = Array.from({ length: connections }, () => new pg.Client({ connectionString: url }));
    for (const client of clients) await client.connect();
    await clients[0]!.query(CREATE);
    for (const client of clients) await client.query(`set search_path = ${RAW}; set enable_seqscan = off`);
    return new RawCeiling(clients);
  }

  /** Writes the lives until the time is over or they are. */
  async run(seconds: number, lives: readonly TaskLife[]): Promise<RawResult> {
    const work = this.clients.map((client, n) => ({
      client,
      batches: this.batchesOf(lives.filter((_, index) => index % this.clients.length === n)),
    }));
    const begun = performance.now();
    const until = begun + seconds * 1_000;
    let appends = 0;
    // Who is ready first ends it: one connection alone would be another measurement.
    let ended = Infinity;
    await Promise.all(
      work.map(async ({ client, batches }) => {
        for (const batch of batches) {
          if (performance.now() > Math.min(until, ended)) break;
          await write(client, batch);
          if (performance.now() <= ended) appends += batch.appends;
        }
        ended = Math.min(ended, performance.now());
      }),
    );
    return { appendsPerSecond: (appends / (ended - begun)) * 1_000 };
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.end()));
  }

  /** The first appends of so many tasks, then their second ones, and so on: in a batch a task occurs once. */
  private batchesOf(lives: readonly TaskLife[]): Batch[] {
    const batches: Batch[] = [];
    for (let from = 0; from < lives.length; from += APPENDS_PER_BATCH) {
      const group = lives.slice(from, from + APPENDS_PER_BATCH);
      const longest = Math.max(...group.map((life) => life.length));
      for (let n = 0; n < longest; n += 1)
        batches.push(this.batchOf(group.map((life) => life[n]).filter((append) => append !== undefined)));
    }
    return batches;
  }

  private batchOf(appends: readonly PreparedAppend[]): Batch {
    const now = new Date().toISOString();
    const rows: unknown[][][] = STATEMENTS.map(() => []);
    const [events, streams, tasks, timers, over, bound, commits] = rows;
    for (const { request, data, sealed, hashes, document } of appends) {
      const { streamId, expected, owner, actor, correlationId, causationId } = request;
      const before = typeof expected === 'number' ? expected : 0;
      const first = this.position + 1;
      request.events.forEach((event, n) => {
        this.position += 1;
        const { id, type, schemaVersion } = event;
        events!.push(
          [this.position, streamId, before + n + 1, id, type, schemaVersion, owner, actor].concat([
            correlationId,
            causationId,
            now,
            data[n],
            sealed[n],
            hashes[n],
          ] as never[]),
        );
      });
      const version = before + request.events.length;
      streams!.push([streamId, version, first, this.position]);

      const f = document!.split('\u001f').map((field) => (field === '' ? null : field));
      const at = (field: string | null | undefined): string | null =>
        field === 'infinity' ? now : (field ?? null);
      const outcome = f[12] === null || f[12] === '0' ? null : Number(f[12]) - before - 1;
      tasks!.push(
        [
          streamId,
          f[1],
          f[2],
          f[3],
          f[4],
          version,
          first,
          now,
          now,
          at(f[5]),
          at(f[6]),
          at(f[7]),
          at(f[8]),
        ].concat(
          [f[9], f[10], f[11], request.events[0]!.id, before === 0 ? sealed[0] : NOBODY] as never[],
          [
            outcome === null ? null : request.events[outcome]!.id,
            outcome === null ? null : sealed[outcome],
          ] as never[],
        ),
      );
      if (f[16] === null) over!.push([streamId]);
      else {
        const due = f[18] ?? (f[19] == null ? null : dateIn(Number(f[19])));
        const clock = f[20] ?? (f[21] == null ? null : dateIn(Number(f[21])));
        timers!.push([streamId, f[1], f[3], version, f[17], due, clock, f[22], f[23]]);
      }
      if (f[14] != null) bound!.push([f[13], f[14], streamId, f[15]]);
    }
    commits!.push([this.position, appends.length, now, NOBODY, NOBODY]);
    return { values: rows.map(columnsOf), appends: appends.length };
  }
}

const dateIn = (milliseconds: number): string => new Date(Date.now() + milliseconds).toISOString();

const columnsOf = (rows: readonly unknown[][]): unknown[][] =>
  rows.length === 0 ? [] : rows[0]!.map((_, column) => rows.map((row) => row[column]));

const write = async (client: pg.Client, { values }: Batch): Promise<void> => {
  await client.query('begin');
  for (const [n, columns] of values.entries()) {
    if (columns.length > 0)
      await client.query({ name: `raw_${n}`, text: STATEMENTS[n]!, values: columns as unknown[] });
  }
  await client.query('commit');
};

const from = (...types: string[]): string =>
  `from unnest(${types.map((type, n) => `$${n + 1}::${type}[]`).join(', ')})`;

const STATEMENTS: readonly string[] = [
  `insert into event (position, stream_id, version, event_id, type, schema_version, owner, actor, correlation_id,
                      causation_id, recorded_at, data, sealed, hash)
     select * ${from(
       ...[
         'bigint',
         'uuid',
         'int',
         'uuid',
         'text',
         'smallint',
         'text',
         'text',
         'text',
         'text',
         'timestamptz',
       ],
       ...['json', 'bytea', 'bytea'],
     )}`,
  `insert into stream select * ${from('uuid', 'int', 'bigint', 'bigint')}
     on conflict (stream_id) do update set version = excluded.version, last_position = excluded.last_position`,
  `insert into task (id, owner, domain, model, status, version, position, created_at, updated_at, submitted_at,
                     completed_at, last_polled_at, held_since, idempotency_key, metadata_digests, facts, intent_event,
                     intent, outcome_event, outcome)
     select a, b, c, d, e, f, g, h, i, j, k, l, m, n, o::text[], p, q, r, s, t ${from(
       ...[
         'uuid',
         'text',
         'text',
         'text',
         'text',
         'int',
         'bigint',
         'timestamptz',
         'timestamptz',
         'timestamptz',
       ],
       ...[
         'timestamptz',
         'timestamptz',
         'timestamptz',
         'text',
         'text',
         'json',
         'uuid',
         'bytea',
         'uuid',
         'bytea',
       ],
     )} as u (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t)
     on conflict (id) do update set status = excluded.status, version = excluded.version,
       updated_at = excluded.updated_at, submitted_at = excluded.submitted_at, completed_at = excluded.completed_at,
       last_polled_at = excluded.last_polled_at, held_since = excluded.held_since, facts = excluded.facts,
       outcome_event = excluded.outcome_event, outcome = excluded.outcome`,
  `insert into task_timer (task_id, owner, model, version, lane, due_at, clock_at, checks, misses, epoch)
     select *, 1 ${from('uuid', 'text', 'text', 'int', 'text', 'timestamptz', 'timestamptz', 'int', 'int')}
     on conflict (task_id) do update set version = excluded.version, lane = excluded.lane, due_at = excluded.due_at,
       clock_at = excluded.clock_at, checks = excluded.checks, misses = excluded.misses, epoch = task_timer.epoch + 1`,
  `delete from task_timer where task_id = any ($1::uuid[])`,
  `insert into task_provider_id (account, provider_task_id, task_id, attempt)
     select * ${from('text', 'text', 'uuid', 'int')}`,
  `insert into log_commit select * ${from('bigint', 'int', 'timestamptz', 'bytea', 'bytea')}`,
];

const CREATE = `create schema ${RAW};
${['event', 'stream', 'log_commit', 'task', 'task_timer', 'task_provider_id']
  .map((name) => `create table ${RAW}.${name} (like ${SCHEMA}.${name} including all);`)
  .join('\n')}
alter table ${RAW}.stream set (fillfactor = 80);
alter table ${RAW}.task set (fillfactor = 85);
alter table ${RAW}.task_timer set (fillfactor = 70);`;
