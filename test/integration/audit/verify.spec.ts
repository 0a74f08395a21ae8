import { type PostgresEventStore } from '../../../src/event-store/postgres-event-store.js';
import { someAppend, someEvent } from '../../../src/event-store/testing/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { openStore } from '../event-store/open-store.js';
import { newSigner, seal, verify, writeLog } from './audited-log.js';
import { withoutTriggers } from './forger.js';

let database: TestDatabase;
let store: PostgresEventStore;

beforeEach(async () => {
  database = await createTestDatabase();
  store = openStore(database);
});
afterEach(async () => {
  await store.close();
  await database.drop();
});

it('an empty log holds', async () => {
  expect(await verify(database)).toMatchObject({
    head: 0,
    from: 1,
    to: 0,
    checkedTo: 0,
    events: 0,
    findings: [],
  });
});

it('every split into ranges gives the same answer', async () => {
  for (let n = 0; n < 4; n += 1) await writeLog(store);
  for (const rangeSize of [1, 2, 5, 13, 1_000]) {
    expect(await verify(database, { rangeSize })).toMatchObject({
      events: 48,
      batches: 28,
      checkedTo: 48,
      findings: [],
    });
  }
});

it('a range is widened to whole batches', async () => {
  await writeLog(store);
  await seal(database, newSigner());
  expect(await verify(database, { from: 6, to: 9 })).toMatchObject({
    from: 5,
    to: 10,
    checkedTo: 10,
    events: 6,
    seals: 0,
    findings: [],
  });
});

it('a range beyond the end is the end', async () => {
  await writeLog(store);
  expect(await verify(database, { from: 12, to: 99 })).toMatchObject({ from: 11, to: 12, findings: [] });
  expect(await verify(database, { from: 99 })).toMatchObject({ from: 13, to: 12, events: 0, findings: [] });
});

it('a fault outside the range is not looked for, one inside is found', async () => {
  await writeLog(store);
  await withoutTriggers(database, `update event set data = '{}' where position = 4`);
  expect((await verify(database, { from: 5 })).findings).toEqual([]);
  expect((await verify(database, { to: 3 })).findings).toEqual([]);
  expect((await verify(database, { from: 4, to: 4 })).findings).toHaveLength(1);
});

it('a stopped check says up to where it came, and goes on from there', async () => {
  for (let n = 0; n < 4; n += 1) await writeLog(store);
  const stopping = new AbortController();
  const { checkedTo, events, findings } = await verify(database, {
    signal: stopping.signal,
    onProgress: () => stopping.abort(),
  });
  expect(findings).toEqual([]);
  expect(checkedTo).toBeGreaterThan(0);
  expect(checkedTo).toBeLessThan(48);
  expect(await verify(database, { from: checkedTo + 1 })).toMatchObject({
    from: checkedTo + 1,
    to: 48,
    findings: [],
  });
  expect(events).toBe(checkedTo);
});

it('progress grows to the whole', async () => {
  for (let n = 0; n < 4; n += 1) await writeLog(store);
  const seen: [number, number][] = [];
  await verify(database, { onProgress: (checked, total) => seen.push([checked, total]) });
  expect(seen.at(-1)).toEqual([48, 48]);
  expect(seen.map(([checked]) => checked)).toEqual(
    [...seen.map(([checked]) => checked)].sort((a, b) => a - b),
  );
});

it('events that are appended meanwhile disturb nothing', async () => {
  await writeLog(store);
  const streamId = (await store.readLog({ after: 0, limit: 1 })).events[0]!.streamId;
  let writing = true;
  const writer = (async () => {
    while (writing) await store.append(someAppend({ streamId, expected: 'any', events: [someEvent()] }));
  })();
  try {
    for (let n = 0; n < 5; n += 1) expect((await verify(database)).findings).toEqual([]);
  } finally {
    writing = false;
    await writer;
  }
});

it('pages of the database do not show: a range longer than a page, a batch longer than a page', async () => {
  const events = Array.from({ length: 1_200 }, (_, n) => someEvent({ data: { n } }));
  await store.append(someAppend({ events }));
  await store.append(someAppend({ events: events.map(({ data }) => someEvent({ data })) }));
  expect(await verify(database, { rangeSize: 20_000 })).toMatchObject({ events: 2_400, findings: [] });
  await withoutTriggers(database, 'delete from event where position = 1001');
  const { findings } = await verify(database, { rangeSize: 20_000 });
  expect(findings[0]).toMatchObject({ position: 1_001, fault: 'position_gap' });
});
