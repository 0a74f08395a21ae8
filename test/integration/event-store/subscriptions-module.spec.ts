import { jest } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { runCommandLine } from '../../../src/cli/command-line.js';
import { DatabaseModule } from '../../../src/database/index.js';
import {
  EventStoreModule,
  PostgresEventStore,
  type StoredEvent,
  type Subscription,
  Subscriptions,
  SubscriptionsModule,
  type SubscriptionsModuleOptions,
} from '../../../src/event-store/index.js';
import {
  someAppend,
  someEvent,
  streamNamed,
  subscriptionSpec,
} from '../../../src/event-store/testing/index.js';
import { uuidv7 } from '../../../src/shared/ids.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { until } from './open-store.js';
import { countsPerOwnerAndDay } from './subscriptions-example/daily-counts.check.js';
import { HostModule } from './subscriptions-example/host.module.js';
import { holders } from './subscriptions.support.js';

/*
 * Subscriptions in a host application, its specs, and on the command line.
 */

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
  await database.pool.query(
    'create table daily_count (owner text, day date, tasks bigint, primary key (owner, day))',
  );
});
afterEach(() => database.drop());

const application = async (
  declared: Parameters<typeof SubscriptionsModule.forFeature>,
  options: SubscriptionsModuleOptions = {},
) => {
  const { url, schema } = database;
  const module = await Test.createTestingModule({
    imports: [
      DatabaseModule.forRoot({ url, schema }),
      EventStoreModule.forRoot({}),
      SubscriptionsModule.forRoot({ pollMs: 50, ...options }),
      SubscriptionsModule.forFeature(...declared),
    ],
  }).compile();
  module.useLogger(false);
  await module.init();
  return module;
};

describe('a host application', () => {
  it('declares subscriptions as classes and objects, and reads what it wrote', async () => {
    const module = await Test.createTestingModule({ imports: [HostModule.forRoot(database.url)] }).compile();
    await module.init();
    const store = module.get(PostgresEventStore);
    const { lastPosition } = await store.append(
      someAppend({ owner: 'shop', events: [someEvent({ type: 'TaskSubmitted' })] }),
    );
    await module.get(Subscriptions).waitFor('daily-counts', lastPosition, 5_000);
    const { rows } = await database.pool.query('select owner, tasks from daily_count');
    expect(rows).toEqual([{ owner: 'shop', tasks: 1 }]);
    await module.close();
    // Before the pool closed, so that the next process need not wait for the lease.
    expect(await holders(database, 'daily-counts')).toEqual([null, null]);
  });

  it('gives a subscription what it injects', async () => {
    @Injectable()
    class Memory {
      readonly seen: StoredEvent[] = [];
    }
    @Module({ providers: [Memory], exports: [Memory] })
    class MemoryModule {}
    @Injectable()
    class Remembering implements Subscription {
      readonly name = 'remembering';
      constructor(private readonly memory: Memory) {}
      async handle(events: readonly StoredEvent[]): Promise<void> {
        this.memory.seen.push(...events);
      }
    }
    const module = await application([[Remembering], [MemoryModule]]);
    const { lastPosition } = await module.get(PostgresEventStore).append(someAppend());
    await module.get(Subscriptions).waitFor('remembering', lastPosition, 5_000);
    expect(module.get(Memory).seen).toHaveLength(1);
    await module.close();
  });

  it('that is no worker waits for the others', async () => {
    const declared: Subscription = { name: 'shared', handle: async () => undefined };
    const api = await application([[declared]], { isWorker: false });
    const worker = await application([[declared]]);
    const { lastPosition } = await api.get(PostgresEventStore).append(someAppend());
    await api.get(Subscriptions).waitFor('shared', lastPosition, 5_000);
    expect(await holders(database, 'shared')).toEqual([worker.get(Subscriptions).worker]);
    await worker.close();
    await api.close();
  });
});

describe('a spec of a host', () => {
  it('says given, when, then', () => countsPerOwnerAndDay(database.pool));

  it('leaves nothing behind', async () => {
    await countsPerOwnerAndDay(database.pool);
    expect((await database.pool.query('select from daily_count')).rowCount).toBe(0);
  });

  it('fails when the expectation does', async () => {
    const spec = subscriptionSpec({ name: 'quiet', handle: async () => undefined });
    await expect(spec.thenExpect(() => expect(1).toBe(2))).rejects.toThrow();
  });

  it('hands events over as the log would', async () => {
    const pages: StoredEvent[][] = [];
    await subscriptionSpec(
      { name: 'pages', types: ['A'], handle: async (events) => void pages.push([...events]) },
      { pageSize: 2 },
    )
      .given(
        { stream: 'one', type: 'A' },
        { stream: 'two', type: 'B' },
        { stream: 'one', type: 'A', data: { n: 1 } },
      )
      .when({ stream: 'two', type: 'A' }, { stream: 'two', type: 'A' }, { stream: 'two', type: 'A' })
      .thenExpect(() => undefined);
    expect(pages.map((page) => page.map((event) => [event.position, event.version]))).toEqual([
      [
        [1, 1],
        [3, 2],
      ],
      [
        [4, 2],
        [5, 3],
      ],
      [[6, 4]],
    ]);
    expect(pages[0]![1]).toMatchObject({ streamId: streamNamed('one'), data: { n: 1 }, owner: 'acme' });
  });

  it('tells what the handler throws, and that a database is missing', async () => {
    const broken: Subscription = {
      name: 'broken',
      handle: async (_events, transaction) => void (await transaction.query('select 1')),
    };
    const spec = subscriptionSpec(broken).when({ stream: 'one', type: 'A' });
    expect(await spec.thenFails()).toMatchObject({
      message: expect.stringContaining('has no database') as string,
    });
    await expect(subscriptionSpec(broken).thenFails()).rejects.toThrow('it was to fail');
  });
});

describe('the command line', () => {
  const run = async (...args: string[]): Promise<string> => {
    const written: string[] = [];
    const write = jest
      .spyOn(process.stdout, 'write')
      .mockImplementation((text) => written.push(String(text)) > 0);
    try {
      expect(await runCommandLine(args, { DATABASE_URL: database.url })).toBe(0);
    } finally {
      write.mockRestore();
    }
    return written.join('');
  };

  it('lists subscriptions, lists what is parked, redrives it, and lets one begin again', async () => {
    expect(await run('subscriptions', 'list')).toBe('No subscription was ever started.\n');
    expect(await run('parked', 'list')).toBe('Nothing is parked.\n');
    let isBroken = true;
    const seen: number[] = [];
    const module = await application(
      [
        [
          {
            name: 'orders',
            attempts: 1,
            handle: async (events) => {
              if (isBroken) throw new RangeError('4111 1111');
              seen.push(...events.map((event) => event.position));
            },
          },
        ],
      ],
      { leaseMs: 500 },
    );
    const streamId = uuidv7();
    await module
      .get(PostgresEventStore)
      .append(someAppend({ streamId, events: [someEvent({ type: 'Ordered' })] }));
    await module.get(Subscriptions).waitFor('orders', 1, 5_000);

    const [status] = JSON.parse(await run('subscriptions', 'list', '--json')) as object[];
    expect(status).toMatchObject({
      name: 'orders',
      position: 1,
      head: 1,
      lagEvents: 0,
      lagSeconds: 0,
      parked: 1,
      shards: [{ shard: 0, worker: module.get(Subscriptions).worker, parked: 1 }],
    });
    expect(await run('subscriptions', 'list')).toContain(module.get(Subscriptions).worker);
    const [parked] = JSON.parse(
      await run('parked', 'list', '--subscription', 'orders', '--json'),
    ) as object[];
    expect(parked).toMatchObject({ streamId, type: 'Ordered', error: 'RangeError', waiting: 1 });
    const shown = await run('parked', 'list');
    expect(shown).toContain('RangeError');
    expect(shown).not.toContain('4111');

    isBroken = false;
    expect(JSON.parse(await run('parked', 'redrive', '--stream', uuidv7(), '--json'))).toEqual({
      redriven: 0,
    });
    expect(JSON.parse(await run('parked', 'redrive', '--stream', streamId, '--json'))).toEqual({
      redriven: 1,
    });
    await until(
      () => seen.length,
      (length) => length === 1,
    );

    expect(await run('subscriptions', 'restart', 'orders', '--after', '0')).toContain('begins again');
    await until(
      () => seen.length,
      (length) => length === 2,
    );
    await module.close();
  });

  it.each([
    [['parked', 'redrive', '--stream', 'nonsense']],
    [['subscriptions', 'restart', 'orders']],
    [['subscriptions', 'restart', 'orders', '--after', '-1']],
  ])('%j is wrong usage', async (args) => {
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await runCommandLine(args, { DATABASE_URL: database.url })).toBe(2);
    write.mockRestore();
  });
});
