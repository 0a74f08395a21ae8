import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  archive,
  type ArchivedPartition,
  type ArchiveOptions,
  type PostgresEventStore,
  StoredLog,
  verifyArchive,
} from '../../../src/event-store/index.js';
import { someAppend, someEvent } from '../../../src/event-store/testing/index.js';
import { uuidv7 } from '../../../src/shared/ids.js';
import { taskArchiveGuard } from '../../../src/tasks/index.js';
import { partitionBy, partitions } from '../../support/partitions.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { exportOf, newSigner, seal, verify } from '../audit/audited-log.js';
import { withoutTriggers } from '../audit/forger.js';
import { openStore, until } from '../event-store/open-store.js';
import { writeEndedTasks } from './ended-tasks.js';

let database: TestDatabase;
let store: PostgresEventStore;
let folder: string;

beforeEach(async () => {
  database = await createTestDatabase();
  await partitionBy(database, 50);
  store = openStore(database);
  folder = await mkdtemp(join(tmpdir(), 'archive-'));
});
afterEach(async () => {
  await store.close();
  await database.drop();
  await rm(folder, { recursive: true });
});

const archiveNow = (options: Partial<ArchiveOptions> = {}): Promise<readonly ArchivedPartition[]> =>
  archive({ connection: database, guard: taskArchiveGuard, folder, ...options });

const check = (path: string) => verifyArchive(new StoredLog(database.pool, database.schema), path);

/** A stream that is read from its beginning for ever, as that of the account. */
const account = uuidv7();
const tell = (owner = 'account') =>
  store.append(someAppend({ streamId: account, expected: 'any', owner, events: [someEvent()] }));

/** Two events of the account, and 120 of 20 tasks: 1 to 50 in the first partition. */
const writeLog = async (): Promise<readonly string[]> => {
  await tell();
  const ids = await writeEndedTasks(database, 20);
  await tell();
  return ids;
};

describe('archiving the oldest partition', () => {
  it('moves it into a file that holds against the log, which holds without it', async () => {
    await writeLog();
    await seal(database, newSigner());
    const exported = await exportOf(database);
    const [done, ...more] = await archiveNow();
    expect(more).toEqual([]);
    expect(done).toMatchObject({ firstPosition: 1, lastPosition: 50, events: 50, kept: 1 });
    expect(done!.bytes).toBe((await stat(done!.path)).size);
    expect(await partitions(database)).toEqual(['event_kept_from_1', 'event_from_51', 'event_from_101']);

    const file = await check(done!.path);
    expect(file).toMatchObject({
      checkedTo: 50,
      events: 50,
      isOriginal: true,
      sha256: done!.sha256,
      findings: [],
    });
    const log = await verify(database, { exported });
    expect(log).toMatchObject({ from: 51, to: 122, checkedTo: 122, events: 72, seals: 1, findings: [] });
    expect(log.archived).toMatchObject([{ firstPosition: 1, lastPosition: 50, kept: 1, keptNow: 1 }]);

    // It goes on, also with the next one.
    await tell();
    expect(await archiveNow()).toMatchObject([{ firstPosition: 51, lastPosition: 100, kept: 0 }]);
    expect(await archiveNow()).toEqual([]);
    expect(await verify(database)).toMatchObject({ from: 101, to: 123, findings: [] });
  });

  it('takes all that end before a position, or are older than a time', async () => {
    await writeLog();
    expect(await archiveNow({ recordedBefore: new Date(Date.now() - 60_000) })).toEqual([]);
    expect(await archiveNow({ before: 100 })).toMatchObject([{ lastPosition: 50 }]);
    expect(await archiveNow({ recordedBefore: new Date(Date.now() + 60_000) })).toMatchObject([
      { lastPosition: 100 },
    ]);
  });

  it('answers clearly what it no longer has, and everything else as before', async () => {
    const ids = await writeLog();
    const before = await Promise.all(ids.map((id) => store.readStream(id)));
    const feed = await store.readLog({ after: 50, limit: 1_000 });
    const bookmark = await store.bookmark(30);
    const kept = await store.readStream(account);
    await archiveNow();
    await archiveNow({ patienceMs: [1_000] });

    expect(await store.readStream(account)).toEqual(kept);
    expect(await store.readStream(account, { fromVersion: 2 })).toEqual(kept.slice(1));
    expect(await store.readStream(account, { fromVersion: 3 })).toEqual([]);
    expect(await store.readStream(uuidv7())).toEqual([]);

    for (const [n, id] of ids.entries()) {
      const gone = { code: 'events_archived', category: 'gone', archivedTo: 100 };
      await expect(store.readStream(id)).rejects.toMatchObject(gone);
      await expect(store.readFacts(id)).rejects.toMatchObject(gone);
      await expect(store.readStream(id, { limit: 1 })).rejects.toMatchObject(gone);
      const left = before[n]!.filter(({ position }) => position > 100);
      const from = left[0]?.version ?? before[n]!.length + 1;
      await expect(store.readStream(id, { fromVersion: from - 1 })).rejects.toMatchObject(gone);
      expect(await store.readStream(id, { fromVersion: from })).toEqual(left);
    }

    await expect(store.readLog({ after: 0, limit: 10 })).rejects.toThrow(
      'Positions 1 to 100 of the log are archived.',
    );
    await expect(store.readLog({ after: 99, limit: 10 })).rejects.toMatchObject({ archivedTo: 100 });
    expect(await store.readLog({ after: 100, limit: 1_000 })).toEqual({
      events: feed.events.filter(({ position }) => position > 100),
      next: 122,
    });
    await store.assertSameHistory(bookmark);

    // A feed misses nothing when nothing of its owner is archived.
    await store.append(someAppend({ owner: 'newcomer' }));
    expect((await store.readLog({ after: 0, limit: 10, owner: 'newcomer' })).events).toHaveLength(1);
    const owner = before[0]![0]!.owner;
    const { rows } = await database.pool.query<{ last: number }>(
      'select max(last_position)::int as last from log_archive_owner where owner = $1',
      [owner],
    );
    await expect(store.readLog({ after: rows[0]!.last - 1, limit: 10, owner })).rejects.toMatchObject({
      code: 'events_archived',
    });
    await store.readLog({ after: rows[0]!.last, limit: 10, owner });
  });

  it('refuses while a task that begins there may still change', async () => {
    const ids = await writeLog();
    await database.pool.query(`update task set status = 'held' where id = $1`, [ids[3]]);
    await expect(archiveNow()).rejects.toThrow('1 task that began up to position 50 may still change');
    await database.pool.query(`update task set status = 'succeeded' where id = $1`, [ids[3]]);
    await database.pool.query(
      `insert into task_timer (task_id, owner, model, version, lane, due_at, clock_at, checks, misses, epoch)
         select id, owner, model, version, 'slow', now(), null, 0, 0, 1 from task where id = any ($1)`,
      [ids.slice(0, 2)],
    );
    await expect(archiveNow()).rejects.toMatchObject({ code: 'archive_refused' });
    await database.pool.query('delete from task_timer');
    expect(await archiveNow()).toHaveLength(1);
  });

  it('refuses while a subscription has not read it, or a rebuild is under way', async () => {
    await writeLog();
    await database.pool.query(`
      insert into subscription (name, shards) values ('slow', 1);
      insert into subscription_shard (subscription, shard, position, chain) values ('slow', 0, 49, '\\x00')`);
    await expect(archiveNow()).rejects.toThrow('wait for subscriptions: slow (at 49)');
    await database.pool.query(`
      update subscription_shard set position = 60;
      insert into parked_stream (subscription, stream_id, shard, position, version, attempts, error, next_attempt_at)
        values ('slow', gen_random_uuid(), 0, 50, 1, 1, 'Error', now())`);
    await expect(archiveNow()).rejects.toThrow('parked streams wait: 1 of slow');
    await database.pool.query(`
      delete from parked_stream;
      insert into projection_rebuild (projection, run, definition, phase, position, chain, has_old_rows)
        values ('tasks', gen_random_uuid(), '', 'copy', 0, '', false)`);
    await expect(archiveNow()).rejects.toThrow('a rebuild of tasks');
    expect(await partitions(database)).toContain('event_from_1');
  });

  it('leaves a log that does not hold where it can be looked at', async () => {
    await writeLog();
    await withoutTriggers(database, `update event set actor = 'forged' where position = 12`);
    await expect(archiveNow()).rejects.toThrow('does not hold from position 12 on');
    expect(await readdir(folder)).not.toContainEqual(expect.stringMatching(/gz$/));
  });
});

describe('an archive that was interrupted', () => {
  it('between the file and the partition leaves the log whole, and is ended by the next one', async () => {
    await writeLog();
    const reader = await database.pool.connect();
    await reader.query('begin; select from event limit 1');
    const interrupted = archiveNow({ patienceMs: [60_000] });
    const waits = expect(interrupted).rejects.toThrow();
    const [backend] = await until(
      async () =>
        (
          await database.pool.query<{ pid: number }>(
            `select pid from pg_locks where relation = 'event'::regclass and not granted`,
          )
        ).rows,
      (rows) => rows.length > 0,
      10_000,
    );
    await database.pool.query('select pg_terminate_backend($1)', [backend!.pid]);
    await waits;
    await reader.query('rollback');
    reader.release();

    expect(await partitions(database)).toContain('event_from_1');
    expect(await verify(database)).toMatchObject({ from: 1, to: 122, archived: [], findings: [] });
    const [name] = await readdir(folder);
    const written = await readFile(join(folder, name!));
    expect(await archiveNow()).toMatchObject([{ path: join(folder, name!) }]);
    expect(await readFile(join(folder, name!))).toEqual(written);
    expect(await verify(database)).toMatchObject({ from: 51, findings: [] });
  });

  it('while the file is written begins it again', async () => {
    await writeLog();
    const [first] = await archiveNow({ before: 51 });
    await writeFile(`${first!.path.replace('-1-50', '-51-100')}.part`, 'half a file');
    expect(await archiveNow()).toMatchObject([{ firstPosition: 51 }]);
    expect((await readdir(folder)).sort()).toEqual([
      expect.stringMatching(/-1-50\.jsonl\.gz$/),
      expect.stringMatching(/-51-100\.jsonl\.gz$/),
    ]);
  });

  it('because somebody reads for too long says so', async () => {
    await writeLog();
    const reader = await database.pool.connect();
    await reader.query('begin; select from event limit 1');
    await expect(archiveNow({ patienceMs: [5, 5] })).rejects.toMatchObject({ code: 'archive_blocked' });
    await store.append(someAppend());
    await reader.query('rollback');
    reader.release();
    expect(await archiveNow()).toHaveLength(1);
  });
});

describe('a file of archived events', () => {
  let path: string;
  beforeEach(async () => {
    await writeLog();
    path = (await archiveNow())[0]!.path;
  });

  const rewrite = async (change: (lines: string[]) => readonly string[]): Promise<void> => {
    const lines = gunzipSync(await readFile(path))
      .toString('utf8')
      .split('\n');
    await writeFile(path, gzipSync(change(lines).join('\n'), { level: 1 }));
  };
  const lineOf = (lines: readonly string[], position: number): number =>
    lines.findIndex((line) => line.startsWith(`{"position":${position},`));

  it('that was only compressed anew holds', async () => {
    await rewrite((lines) => lines);
    expect(await check(path)).toMatchObject({ isOriginal: false, findings: [] });
  });

  it.each<[string, (lines: string[]) => readonly string[], object]>([
    [
      'an event was changed',
      (lines) =>
        lines.with(lineOf(lines, 7), lines[lineOf(lines, 7)]!.replace('"actor":"bench"', '"actor":"other"')),
      { position: 7, fault: 'event_hash' },
    ],
    [
      'a version was changed',
      (lines) =>
        lines.with(lineOf(lines, 30), lines[lineOf(lines, 30)]!.replace(/"version":\d/, '"version":9')),
      { fault: 'digest' },
    ],
    [
      'an event is missing',
      (lines) => lines.toSpliced(lineOf(lines, 9), 1),
      { position: 9, fault: 'position_gap' },
    ],
    ['it was cut', (lines) => lines.slice(0, lineOf(lines, 20)), { position: 20, fault: 'archive' }],
    [
      'a line is not JSON',
      (lines) => lines.with(lineOf(lines, 25), 'nonsense'),
      { position: 25, fault: 'archive' },
    ],
    [
      'something stands behind its end',
      (lines) => [...lines.slice(0, -1), lines[1]!, ''],
      { fault: 'archive' },
    ],
    [
      'it is of another log',
      (lines) => lines.with(0, lines[0]!.replace(/"log":"[^"]*"/, `"log":"${uuidv7()}"`)),
      { position: 1, fault: 'archive' },
    ],
  ])('is found when %s', async (_, change, finding) => {
    await rewrite(change);
    expect((await check(path)).findings[0]).toMatchObject(finding);
  });

  it('is found when its bytes are damaged', async () => {
    const bytes = await readFile(path);
    bytes[bytes.length >> 1]! ^= 0xff;
    await writeFile(path, bytes);
    expect((await check(path)).findings).not.toEqual([]);
  });

  it('finds what stayed in the database and was changed there, or was taken away', async () => {
    await withoutTriggers(database, `update event set hash = '\\x00' where position = 1`);
    expect((await check(path)).findings[0]).toMatchObject({ position: 1, fault: 'archive' });
    expect((await verify(database)).findings[0]).toMatchObject({ position: 1, fault: 'event_hash' });
    await withoutTriggers(database, 'delete from event where position = 1');
    expect((await verify(database)).findings[0]).toMatchObject({ position: 1, fault: 'archive' });
  });

  it('is another history when the batches of the log were rewritten', async () => {
    await withoutTriggers(database, `update log_commit set digest = '\\x00' where last_position = 50`);
    expect((await verify(database)).findings[0]).toMatchObject({ fault: 'chain' });
    await withoutTriggers(database, `update log_commit set chain = '\\x00' where last_position = 50`);
    expect((await check(path)).findings[0]).toMatchObject({ position: 1, fault: 'archive' });
  });
});
