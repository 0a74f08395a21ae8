import { type Finding, type SealSigner } from '../../../src/event-store/index.js';
import { type PostgresEventStore } from '../../../src/event-store/postgres-event-store.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { openStore } from '../event-store/open-store.js';
import { exportOf, newSigner, seal, verify, writeLog } from './audited-log.js';
import { rechain, rehash, resealWith, withoutTriggers } from './forger.js';

/*
 * Somebody with all rights on the database changes history. What does a check say?
 */

let database: TestDatabase;
let store: PostgresEventStore;
let signer: SealSigner;
let streams: string[];

beforeEach(async () => {
  database = await createTestDatabase();
  store = openStore(database);
  signer = newSigner();
  streams = await writeLog(store);
});
afterEach(async () => {
  await store.close();
  await database.drop();
});

const firstBad = async (options: Parameters<typeof verify>[1] = {}): Promise<Partial<Finding> | null> => {
  const { findings } = await verify(database, options);
  const [first] = findings;
  return first === undefined ? null : { position: first.position, fault: first.fault };
};

it('nothing was changed: no finding', async () => {
  await seal(database, signer);
  expect(await verify(database)).toMatchObject({
    from: 1,
    to: 12,
    checkedTo: 12,
    events: 12,
    batches: 7,
    seals: 1,
    findings: [],
  });
});

describe('the database alone shows', () => {
  it('a changed event', async () => {
    await withoutTriggers(database, `update event set data = '{"n":9}' where position = 6`);
    expect(await firstBad()).toEqual({ position: 6, fault: 'event_hash' });
  });

  it.each([
    ['owner', `owner = 'other'`],
    ['type', `type = 'SomethingElse'`],
    ['sealed part', `sealed = null`],
    ['spelling of the data', `data = '{ "n":0,"text":"Zoë"}'`],
    ['actor', `actor = 'key:2'`],
    ['event id', `event_id = gen_random_uuid()`],
    ['schema version', `schema_version = 2`],
  ])('a changed %s', async (_, change) => {
    await withoutTriggers(database, `update event set ${change} where position = 5`);
    expect(await firstBad()).toEqual({ position: 5, fault: 'event_hash' });
  });

  it('a changed event whose hash was computed again', async () => {
    await withoutTriggers(database, `update event set data = '{"n":9}' where position = 6`);
    await withoutTriggers(database, await rehash(database, 6));
    // Which event of the batch it was, the digest cannot tell.
    expect(await firstBad()).toEqual({ position: 5, fault: 'digest' });
  });

  it('a time that was moved', async () => {
    await withoutTriggers(
      database,
      `update event set recorded_at = recorded_at - interval '1 day' where position = 8`,
    );
    expect(await firstBad()).toEqual({ position: 8, fault: 'recorded_at' });
  });

  it('the time of a whole batch that was moved', async () => {
    const earlier = `set recorded_at = recorded_at - interval '1 second'`;
    await withoutTriggers(
      database,
      `update event ${earlier} where position = 1`,
      `update log_commit ${earlier} where last_position = 1`,
    );
    expect(await firstBad()).toEqual({ position: 1, fault: 'chain' });
  });

  it('two events that were swapped', async () => {
    await withoutTriggers(
      database,
      'update event set position = 600 where position = 6',
      'update event set position = 6 where position = 7',
      'update event set position = 7 where position = 600',
    );
    expect((await verify(database)).findings.map(({ position, fault }) => [position, fault])).toEqual(
      expect.arrayContaining([
        [5, 'digest'],
        [6, 'version_gap'],
      ]) as unknown,
    );
    expect(await firstBad()).toEqual({ position: 5, fault: 'digest' });
  });

  it('an event that was deleted', async () => {
    await withoutTriggers(database, 'delete from event where position = 9');
    expect(await firstBad()).toEqual({ position: 9, fault: 'position_gap' });
  });

  it('the newest event that was deleted', async () => {
    await withoutTriggers(
      database,
      'delete from event where position = 12',
      `update stream set version = 4, last_position = 11 where stream_id = '${streams[2]}'`,
    );
    expect(await firstBad()).toEqual({ position: 12, fault: 'position_gap' });
  });

  it('a batch in the middle that was deleted', async () => {
    await withoutTriggers(
      database,
      'delete from event where position between 5 and 7',
      'delete from log_commit where last_position = 7',
    );
    expect(await firstBad()).toEqual({ position: 5, fault: 'position_gap' });
  });

  it('a batch in the middle that was deleted and the rest moved up', async () => {
    await withoutTriggers(
      database,
      'delete from event where position = 8',
      'delete from log_commit where last_position = 8',
      'update event set position = position - 1 where position > 8',
      'update log_commit set last_position = last_position - 1 where last_position > 8',
    );
    expect(await firstBad()).toEqual({ position: 8, fault: 'digest' });
  });

  it('a stream that skips versions, in a log that was chained anew', async () => {
    await withoutTriggers(
      database,
      'update event set version = version + 5 where position > 10',
      `update stream set version = version + 5 where stream_id = '${streams[2]}'`,
    );
    await rechain(database);
    expect(await firstBad()).toEqual({ position: 11, fault: 'version_gap' });
  });

  it('an event that was put in behind the end', async () => {
    await withoutTriggers(
      database,
      `insert into event select 13, stream_id, 6, event_id, type, schema_version, owner, actor, correlation_id,
                                causation_id, recorded_at, data, sealed, hash from event where position = 12`,
    );
    expect(await firstBad()).toEqual({ position: 13, fault: 'batch_missing' });
  });

  it.each([
    ['a version too high', 10, () => `update stream set version = 7 where stream_id = '${streams[1]}'`],
    ['a version too low', 10, () => `update stream set version = 3 where stream_id = '${streams[1]}'`],
    ['another end', 10, () => `update stream set last_position = 11 where stream_id = '${streams[1]}'`],
    ['another beginning', 2, () => `update stream set first_position = 3 where stream_id = '${streams[1]}'`],
    ['a missing row', 2, () => `delete from stream where stream_id = '${streams[1]}'`],
  ])('a table of streams with %s', async (_, position, statement) => {
    await withoutTriggers(database, statement());
    expect(await firstBad()).toEqual({ position, fault: 'stream' });
  });

  it('a stream that has no events', async () => {
    await withoutTriggers(database, `insert into stream values (gen_random_uuid(), 1, 4, 4)`);
    expect(await firstBad()).toEqual({ position: 4, fault: 'stream' });
  });
});

describe('a seal shows', () => {
  const truncate = () =>
    withoutTriggers(
      database,
      'delete from event where position > 10',
      'delete from log_commit where last_position > 10',
      `update stream set version = 3, last_position = 7 where stream_id = '${streams[2]}'`,
    );

  it('a tail that was cut off, which without it nobody could see', async () => {
    await truncate();
    expect(await firstBad()).toBeNull();
  });

  it('a tail that was cut off', async () => {
    await seal(database, signer);
    await truncate();
    expect(await firstBad()).toEqual({ position: 11, fault: 'tail_missing' });
  });

  it('a history that was rewritten without a fault', async () => {
    await seal(database, signer);
    await withoutTriggers(database, `update event set data = '{"n":9}' where position = 6`);
    await rechain(database);
    expect(await firstBad()).toEqual({ position: 1, fault: 'seal_chain' });
  });

  it('a seal that was changed, whoever changed it', async () => {
    await seal(database, signer);
    await withoutTriggers(database, `update log_seal set recorded_at = recorded_at - interval '1 day'`);
    expect(await firstBad()).toEqual({ position: 12, fault: 'seal_signature' });
  });

  it('a seal that was taken away from between others', async () => {
    for (let n = 0; n < 3; n += 1) {
      await seal(database, signer);
      await writeLog(store);
    }
    await withoutTriggers(database, 'delete from log_seal where number = 2');
    expect(await firstBad()).toEqual({ position: 36, fault: 'seal_sequence' });
  });

  it('a seal of another log', async () => {
    await seal(database, signer);
    await withoutTriggers(database, 'update log_identity set id = gen_random_uuid()');
    expect(await firstBad()).toEqual({ position: 12, fault: 'seal_log' });
  });
});

describe('a whole history that was rewritten and sealed anew with another key', () => {
  const forge = async () => {
    await seal(database, signer);
    const exported = await exportOf(database);
    await withoutTriggers(database, `update event set data = '{"n":9}' where position = 6`);
    await rechain(database);
    await resealWith(database, newSigner());
    return exported;
  };

  it('agrees with itself', async () => {
    await forge();
    expect(await firstBad()).toBeNull();
  });

  it('does not agree with an export that was kept outside', async () => {
    const exported = await forge();
    expect(await firstBad({ exported })).toEqual({ position: 1, fault: 'export' });
  });

  it('is not signed by the key that everybody knows', async () => {
    await forge();
    expect(await firstBad({ trustedKeys: new Set([signer.keyId]) })).toEqual({
      position: 12,
      fault: 'seal_key',
    });
  });
});

describe('an export without any seal shows', () => {
  it('a rewritten history, behind the last seal that still fits', async () => {
    const exported = await exportOf(database);
    await withoutTriggers(database, `update event set data = '{"n":9}' where position = 12`);
    await rechain(database);
    expect(await firstBad()).toBeNull();
    expect(await firstBad({ exported })).toEqual({ position: 1, fault: 'export' });
  });

  it('a tail that was cut off', async () => {
    const exported = await exportOf(database);
    await withoutTriggers(
      database,
      'delete from event where position > 10',
      'delete from log_commit where last_position > 10',
      `update stream set version = 3, last_position = 7 where stream_id = '${streams[2]}'`,
    );
    expect(await firstBad({ exported })).toEqual({ position: 11, fault: 'tail_missing' });
  });
});

it('an export names the stretch that was rewritten: behind its last seal that still fits', async () => {
  await seal(database, signer);
  await writeLog(store);
  await seal(database, signer);
  const exported = await exportOf(database);
  await withoutTriggers(database, `update event set data = '{"n":9}' where position = 20`);
  await rechain(database);
  await withoutTriggers(database, 'delete from log_seal where number = 2');
  await seal(database, newSigner());
  expect(await firstBad()).toBeNull();
  expect(await firstBad({ exported })).toEqual({ position: 13, fault: 'export' });
});

it('an export tells when seals were made anew, although history is the same', async () => {
  await seal(database, signer);
  const exported = await exportOf(database);
  await resealWith(database, newSigner());
  expect(await firstBad()).toBeNull();
  expect(await firstBad({ exported })).toEqual({ position: 12, fault: 'export' });
});

it('an export of another log is refused', async () => {
  const exported = await exportOf(database);
  const other = { ...exported, head: { ...exported.head, logId: streams[0]! } };
  expect(await firstBad({ exported: other })).toEqual({ position: 1, fault: 'seal_log' });
});

it('the first of several faults is named, wherever the ranges end', async () => {
  for (let n = 0; n < 5; n += 1) await writeLog(store);
  await withoutTriggers(database, `update event set data = '{"n":9}' where position in (17, 29, 41, 58)`);
  for (const rangeSize of [1, 3, 7, 1_000]) {
    const { findings, checkedTo } = await verify(database, { rangeSize });
    expect(findings[0]).toMatchObject({ position: 17, fault: 'event_hash' });
    expect(checkedTo).toBe(16);
  }
});

it('nothing is read behind a fault: the answer is there already', async () => {
  for (let n = 0; n < 5; n += 1) await writeLog(store);
  await withoutTriggers(database, `update event set data = '{"n":9}' where position = 1`);
  const { position: head } = await store.head();
  // The other lane goes on until the fault is known, and no further.
  expect((await verify(database, { rangeSize: 1 })).events).toBeLessThan(head);
});
