import { createPublicKey, verify as verifySignature } from 'node:crypto';
import { ScheduledSealing } from '../../../src/event-store/audit/scheduled-sealing.js';
import {
  HistoryForkedError,
  isSignatureRight,
  keyIdOf,
  LogSealer,
  parseExport,
  SealRows,
  sealStatement,
  UnreadableExportError,
} from '../../../src/event-store/index.js';
import { type PostgresEventStore } from '../../../src/event-store/postgres-event-store.js';
import { someAppend, someEvent } from '../../../src/event-store/testing/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { openStore, until } from '../event-store/open-store.js';
import { exportOf, newSigner, seal, verify, writeLog } from './audited-log.js';
import { withoutTriggers } from './forger.js';

let database: TestDatabase;
let store: PostgresEventStore;
const signer = newSigner();

beforeEach(async () => {
  database = await createTestDatabase();
  store = openStore(database);
});
afterEach(async () => {
  await store.close();
  await database.drop();
});

const newest = () => new SealRows(database.pool, database.schema).newest();

describe('a seal', () => {
  it('covers everything committed up to the head, and names log, key and the seal before', async () => {
    await writeLog(store);
    const first = (await seal(database, signer))!;
    await store.append(someAppend());
    const second = (await seal(database, signer))!;
    const { rows } = await database.pool.query<{ id: string }>('select id from log_identity');
    expect(first).toMatchObject({ number: 1, position: 12, logId: rows[0]!.id, previous: '0'.repeat(64) });
    expect(second).toMatchObject({ number: 2, position: 13, chain: (await store.bookmark(13)).chain });
    expect(await newest()).toEqual(second);
    expect(await verify(database)).toMatchObject({ seals: 2, findings: [] });
  });

  it('can be checked with the written-down statement and the public key alone', async () => {
    await writeLog(store);
    const made = (await seal(database, signer))!;
    const text = sealStatement(made).toString();
    expect(text).toBe(
      [
        'genledger seal 1',
        `log ${made.logId}`,
        'number 1',
        'position 12',
        `chain ${made.chain}`,
        `recorded ${made.recordedAt.toISOString()}`,
        `previous ${'0'.repeat(64)}`,
        `key ${signer.keyId}`,
        '',
      ].join('\n'),
    );
    const key = createPublicKey({ key: made.publicKey, format: 'der', type: 'spki' });
    expect(verifySignature(null, Buffer.from(text), key, made.signature)).toBe(true);
    expect(isSignatureRight({ ...made, position: 11 })).toBe(false);
    expect(isSignatureRight({ ...made, publicKey: Buffer.from('no key') })).toBe(false);
  });

  it('is not made of an empty log, nor of one that has not grown', async () => {
    expect(await seal(database, signer)).toBeNull();
    await store.append(someAppend());
    expect(await seal(database, signer)).not.toBeNull();
    expect(await seal(database, signer)).toBeNull();
  });

  it('is made once, however many processes seal', async () => {
    for (let round = 0; round < 5; round += 1) {
      await store.append(someAppend());
      const made = await Promise.all(Array.from({ length: 6 }, () => seal(database, newSigner())));
      expect(made.filter((one) => one !== null)).toHaveLength(1);
    }
    expect(await verify(database)).toMatchObject({ seals: 5, findings: [] });
  });

  it.each([
    [
      'was cut off',
      'delete from event where position > 10',
      'delete from log_commit where last_position > 10',
    ],
    [
      'has another chain',
      `update log_commit set chain = sha256('forged') where last_position = 12`,
      'select 1',
    ],
  ])('is not put on top of a log that %s since the last one', async (_, ...statements) => {
    await writeLog(store);
    await seal(database, signer);
    await withoutTriggers(database, ...statements);
    await store.append(someAppend({ events: Array.from({ length: 5 }, () => someEvent()) }));
    await expect(seal(database, signer)).rejects.toThrow(HistoryForkedError);
  });

  it('follows another key after a rotation', async () => {
    const next = newSigner();
    for (const current of [signer, next]) {
      await store.append(someAppend());
      await seal(database, current);
    }
    const { findings, keys } = await verify(database);
    expect(findings).toEqual([]);
    expect(keys).toEqual(
      new Map([
        [signer.keyId, 1],
        [next.keyId, 1],
      ]),
    );
    expect(keyIdOf(signer.publicKey)).toBe(signer.keyId);
  });
});

describe('the schedule', () => {
  it('seals while the log grows, and stops with the application', async () => {
    const sealing = new ScheduledSealing(new LogSealer(database.pool, database.schema, signer), 10);
    sealing.onApplicationBootstrap();
    await store.append(someAppend());
    await until(newest, (made) => made?.position === 1);
    await store.append(someAppend());
    await until(newest, (made) => made?.position === 2);
    expect((await newest())?.number).toBe(2);
    await sealing.beforeApplicationShutdown();
  });

  it('goes on after the database did not answer', async () => {
    let outages = 3;
    const pool = {
      query: (...given: unknown[]) => {
        if (outages-- > 0) throw new Error('the database is away');
        return (database.pool.query as (...given: unknown[]) => unknown)(...given);
      },
    } as unknown as TestDatabase['pool'];
    const sealing = new ScheduledSealing(new LogSealer(pool, database.schema, signer), 10);
    await store.append(someAppend());
    sealing.onApplicationBootstrap();
    await until(newest, (made) => made !== null);
    await sealing.beforeApplicationShutdown();
  });
});

describe('an export', () => {
  it('holds seals and head, and comes back as it was', async () => {
    await writeLog(store);
    const made = await seal(database, signer);
    await store.append(someAppend());
    const exported = await exportOf(database);
    expect(exported.seals).toEqual([made]);
    expect(exported.head).toMatchObject({ position: 13, chain: (await store.bookmark(13)).chain });
    expect((await verify(database, { exported })).findings).toEqual([]);
  });

  it('still fits after the log has grown', async () => {
    await writeLog(store);
    await seal(database, signer);
    const exported = await exportOf(database);
    await writeLog(store);
    await seal(database, signer);
    expect((await verify(database, { exported })).findings).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['another document', '{"seals":[]}'],
    ['a later format', '{"genledger_log_export":2}'],
    [
      'half a seal',
      '{"genledger_log_export":1,"log":"x","exported_at":"2026-01-01","head":{"position":0,"chain":""},"seals":[{"number":1}]}',
    ],
    ['a list', '[]'],
    ['null', 'null'],
  ])('that is %s is refused', (_, text) => {
    expect(() => parseExport(text)).toThrow(UnreadableExportError);
  });
});

describe('tables that only grow', () => {
  const refused = ['event', 'log_commit', 'log_seal', 'log_identity'];

  it.each(refused)(
    '%s refuses update, delete and truncate, also without triggers of the session',
    async (table) => {
      await store.append(someAppend());
      await seal(database, signer);
      const column = table === 'log_identity' ? 'id' : 'recorded_at';
      for (const sql of [
        `update ${table} set ${column} = ${column}`,
        `delete from ${table} where false`,
        `truncate ${table}`,
        `set session_replication_role = replica; delete from ${table}`,
      ]) {
        await expect(database.pool.query(sql)).rejects.toMatchObject({ code: '23001' });
      }
    },
  );

  it('and so does every partition that they get', async () => {
    const { rows } = await database.pool.query<{ table: string }>(
      `with recursive growing as (
         select c.oid from pg_class c where c.oid = any ($1::regclass[])
         union all select i.inhrelid from growing g join pg_inherits i on i.inhparent = g.oid)
       select oid::regclass::text as table from growing g
        where not exists (select from pg_trigger t
                           where t.tgrelid = g.oid and t.tgfoid = 'refuse_change()'::regprocedure and t.tgenabled = 'A'
                             and t.tgtype & 56 = 56)`,
      [refused],
    );
    expect(rows).toEqual([]);
  });
});
