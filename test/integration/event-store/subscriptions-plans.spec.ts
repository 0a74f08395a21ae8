import type pg from 'pg';
import { PageReader } from '../../../src/event-store/subscriptions/page-reader.js';
import {
  settleSubscription,
  type Subscription,
} from '../../../src/event-store/subscriptions/subscription.js';
import { uuidFrom, uuidv7 } from '../../../src/shared/ids.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

/*
 * The queries of a page read what they return and little more, on a fresh and on a large log. enable_seqscan=off makes a
 * bad plan look like a good one, so what counts is how many rows were read.
 */

const LARGE = 60_000;
const PAGE = 100;

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Rows as append_events writes them, ten per batch. The content matters to nobody here. */
const fill = async (count: number): Promise<void> => {
  await database.pool.query(
    `with one as (select n, ('00000000-0000-7000-8000-' || lpad(to_hex(n % 500), 12, '0'))::uuid as stream_id
                    from generate_series(1, $1::int) n)
     insert into event (position, stream_id, version, event_id, type, schema_version, owner, actor, recorded_at, data, hash)
       select n, stream_id, (n - 1) / 500 + 1, gen_random_uuid(), case when n % 1000 = 0 then 'Rare' else 'Usual' end, 1,
              case when n % 1000 = 1 then 'small' else 'large' end, 'key:1', now(), '{}', '\\x00' from one`,
    [count],
  );
  await database.pool.query(
    `insert into log_commit select n * 10, 10, now(), '\\x00', sha256(int4send(n)) from generate_series(1, $1::int / 10) n`,
    [count],
  );
};

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string | undefined;
  readonly 'Index Name'?: string | undefined;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** What the reader asks, explained; in the session settings of the product, with the generic plan that a statement ends up with. */
const explained = async (ask: (reader: PageReader) => Promise<unknown>): Promise<PlanNode[]> => {
  const nodes: PlanNode[] = [];
  const explaining = {
    query: async ({ text, values }: { text: string; values: unknown[] }) => {
      const client = await database.pool.connect();
      try {
        await client.query('set plan_cache_mode = force_generic_plan');
        const { rows } = await client.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
          `explain (analyze, format json) ${text}`,
          values,
        );
        const collect = (node: PlanNode): void => {
          // A partition as the whole table; what was ruled out is not run.
          const ofTable = (name: string | undefined) => name?.replace(/^event_from_\d+/, 'event');
          if (node['Actual Loops'] > 0)
            nodes.push({
              ...node,
              'Relation Name': ofTable(node['Relation Name']),
              'Index Name': ofTable(node['Index Name']),
            });
          node.Plans?.forEach(collect);
        };
        collect(rows[0]!['QUERY PLAN'][0]!.Plan);
        return client.query({ text, values });
      } finally {
        await client.query('reset plan_cache_mode');
        client.release();
      }
    },
  } as unknown as pg.Pool;
  await ask(new PageReader(explaining, database.schema));
  return nodes;
};

const rowsRead = (nodes: readonly PlanNode[], relation: string): number =>
  nodes
    .filter((node) => node['Relation Name'] === relation)
    .reduce(
      (sum, node) =>
        sum + (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'],
      0,
    );

const indexes = (nodes: readonly PlanNode[], relation: string): string[] => [
  ...new Set(
    nodes
      .filter((node) => node['Relation Name'] === relation)
      .map((node) => `${node['Node Type']} ${node['Index Name'] ?? ''}`),
  ),
];

const page = async (declared: Partial<Subscription>, position: number, shard = 0) => {
  const settled = settleSubscription({
    name: 'planned',
    pageSize: PAGE,
    handle: async () => undefined,
    ...declared,
  });
  const { rows } = await database.pool.query<{ chain: string }>(
    `select encode(chain, 'hex') as chain from log_commit where last_position >= $1 order by last_position limit 1`,
    [position],
  );
  const chain = position === 0 ? '00'.repeat(32) : rows[0]!.chain;
  return explained((reader) => reader.page(settled, shard, { position, chain }));
};

describe.each([
  ['a fresh log', 200],
  ['a large log', LARGE],
])('%s', (_, size) => {
  beforeAll(async () => {
    await database.pool.query(`
      alter table event disable trigger event_only_grows;
      alter table event_from_1 disable trigger only_grows;
      alter table log_commit disable trigger log_commit_only_grows;
      delete from event; delete from log_commit; delete from parked_stream; delete from subscription_shard;
      delete from subscription;
      insert into subscription (name, shards) values ('planned', 1);
      insert into parked_stream (subscription, stream_id, shard, position, version, attempts, error, next_attempt_at)
        select 'planned', gen_random_uuid(), 0, 1, 1, 1, 'Error', now() from generate_series(1, 200)`);
    await fill(size);
    // A fresh log has no statistics yet.
    if (size === LARGE) await database.pool.query('analyze');
  });

  it('a page is read by position, and no row twice', async () => {
    const nodes = await page({}, size / 2);
    expect(indexes(nodes, 'event')).toEqual(['Index Scan event_pkey']);
    expect(rowsRead(nodes, 'event')).toBe(PAGE);
    expect(rowsRead(nodes, 'log_commit')).toBeLessThan(10);
  });

  it('parked streams are looked up by key', async () => {
    const nodes = await page({}, 0);
    expect(indexes(nodes, 'parked_stream')).toEqual(['Index Only Scan parked_stream_pkey']);
    expect(rowsRead(nodes, 'parked_stream')).toBe(0);
  });

  it('a page of one shard reads its share of positions', async () => {
    const nodes = await page({ shards: 4 }, 0, 2);
    expect(indexes(nodes, 'event')).toEqual(['Index Scan event_pkey']);
    expect(rowsRead(nodes, 'event')).toBeLessThan(PAGE * 8);
  });

  it('a page of a rare type or owner looks at no more than a window', async () => {
    for (const filter of [
      { types: ['Rare'] },
      { owners: ['small'] },
      { types: ['Rare'], owners: ['small'] },
    ]) {
      const nodes = await page(filter, 0);
      expect(rowsRead(nodes, 'event')).toBeLessThanOrEqual(20_000);
      expect(indexes(nodes, 'event').join()).not.toContain('Seq Scan');
    }
  });

  it('what waits in a parked stream is read by stream and version', async () => {
    const settled = settleSubscription({ name: 'planned', pageSize: 5, handle: async () => undefined });
    const { rows } = await database.pool.query<{ chain: string; position: number }>(
      `select encode(chain, 'hex') as chain, last_position as position from log_commit
         order by last_position desc limit 1`,
    );
    const parked = { streamId: '00000000-0000-7000-8000-000000000007', version: 1, attempts: 1, redrives: 0 };
    const nodes = await explained((reader) => reader.waiting(settled, parked, rows[0]!));
    expect(indexes(nodes, 'event')).toEqual(['Index Scan event_stream_version']);
    expect(rowsRead(nodes, 'event')).toBeLessThanOrEqual(5);
  });
});

it('says that a log was replaced when its chain is another one', async () => {
  const reader = new PageReader(database.pool, database.schema);
  const settled = settleSubscription({ name: 'planned', handle: async () => undefined });
  const chain = '11'.repeat(32);
  await expect(reader.page(settled, 0, { position: 5, chain })).rejects.toMatchObject({
    code: 'history_forked',
  });
  await expect(reader.within(5, { position: 9, chain })).rejects.toMatchObject({ code: 'history_forked' });
  const parked = { streamId: uuidFrom(uuidv7()), version: 1, attempts: 1, redrives: 0 };
  await expect(reader.waiting(settled, parked, { position: 9, chain })).rejects.toMatchObject({
    code: 'history_forked',
  });
});
