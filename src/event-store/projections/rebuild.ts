import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { connect, type ConnectionOptions } from '../../database/index.js';
import { type CopyRow } from './copy-format.js';
import { RebuildBlockedError, RebuildRunningError } from './projection.errors.js';
import { type InlineProjection, type ReplayedEvent } from './projection.js';
import { CarriedRows } from './carried-rows.js';
import { RebuildProgress, type RebuildPhase, type RebuildState } from './rebuild-progress.js';
import {
  EventDecoder,
  FIELD,
  type LogRange,
  ReplayReader,
  type RunningCopy,
  StreamCollector,
} from './replay-reader.js';
import { ShadowTables } from './shadow-tables.js';
import { ShadowWriter } from './shadow-writer.js';

export interface RebuildOptions {
  /** As the owner of the tables. */
  readonly connection: ConnectionOptions;
  /** Of the program; what another one began is begun again. */
  readonly programVersion: string;
  /** Begin again even if an interrupted rebuild could go on. */
  readonly restart?: boolean;
  /** Ends the work after the step under way; the next start goes on from there. */
  readonly signal?: AbortSignal;
  /** Told after each step. */
  readonly onProgress?: (progress: RebuildProgressReport) => void;
  /** For specs. */
  readonly limits?: Partial<RebuildLimits>;
}

export interface RebuildLimits {
  /** Events of a range; null: few at first, then more and more. */
  readonly rangeSize: number | null;
  /** How long each try to get at the live tables may keep appends and readers waiting, milliseconds. */
  readonly patienceMs: readonly number[];
}

export interface RebuildProgressReport {
  readonly phase: RebuildPhase;
  readonly position: number;
  /** Where the log ends. */
  readonly head: number;
}

export interface RebuildReport {
  /** False when it was stopped: the live tables are as they were. */
  readonly isDone: boolean;
  /** Where an interrupted rebuild was taken up; 0 for a new one. */
  readonly resumedFrom: number;
  /** Everything up to here is in the new tables. */
  readonly position: number;
  /** How long appends and readers waited for the exchange, milliseconds. */
  readonly exchangeMs: number;
}

const LIMITS: RebuildLimits = {
  rangeSize: null,
  // Short at first; longer than deadlock_timeout (1 s) in the end, because only then autovacuum gives way.
  patienceMs: [100, 200, 400, 800, 1_500, 2_500, 2_500, 2_500],
};
const EVENTS_PER_FOLLOW = 5_000;
const EVENTS_PER_REPORT = 50_000;
/** With no more than this missing, the rest can be taken over while appends wait. */
const CLOSE_TO_HEAD = 500;
const LOCK_TIMEOUT = '55P03';
/**
 * Events that the database sorts at a time. The more, the fewer streams lie across the end of a range and are read again;
 * but it takes room on the database's disk, and an interruption loses one range.
 */
const MOST_PER_RANGE = 1_000_000;
/** The first range is short, because nothing is worked on while it is sorted; each one is twice as long as the one before. */
const FIRST_RANGE = 50_000;

/**
 * Makes the tables of a projection again from the log alone, beside the live ones, and puts them in their place. Of streams
 * that begin in an archive the live rows are taken over.
 *
 * Readers and appends go on all the time. The exchange is one transaction under the log's lock: what is missing is taken
 * over, then the tables change their names. Whoever reads sees the old rows or the new ones, which are at the same
 * versions. Prepared statements and cached plans survive, because they are planned again by name.
 *
 * Progress is stored with the rows, so after any interruption the next call goes on. Only one at a time works on a
 * projection; several processes may call it.
 *
 * @throws RebuildRunningError another process is at it
 * @throws RebuildRefusedError the tables cannot be replaced; nothing was done
 * @throws RebuildBlockedError the new tables are complete, but the old ones were in use for too long
 */
export const rebuild = async (
  projection: InlineProjection,
  { connection, ...options }: RebuildOptions,
): Promise<RebuildReport> => {
  const patient = { ...connection, statementTimeoutMs: 0, applicationName: `rebuild ${projection.name}` };
  const clients: pg.Client[] = [];
  const open = async (): Promise<pg.Client> => {
    const client = await connect(patient);
    clients.push(client);
    return client;
  };
  try {
    const [lock, writer, ...readers] = [await open(), await open(), await open(), await open()];
    await takeLock(lock, connection.schema, projection.name);
    return await new Rebuild(projection, readers, writer, connection.schema, options).run();
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
  }
};

/** Namespace of our advisory lock; the second half of the key is projection and schema. */
const LOCK = 0x6e1edb1d;

/** Ends with the transaction, so with the connection. A transaction that does nothing else holds nobody up. */
const takeLock = async (client: pg.ClientBase, schema: string, projection: string): Promise<void> => {
  await client.query('begin; set local idle_in_transaction_session_timeout = 0');
  const { rows } = await client.query<{ taken: boolean }>(
    'select pg_try_advisory_xact_lock($1, hashtext($2)) as taken',
    [LOCK, `${schema} ${projection}`],
  );
  if (!rows[0]!.taken) throw new RebuildRunningError(projection);
};

class Rebuild {
  private readonly readers: readonly ReplayReader[];
  private readonly progress: RebuildProgress;
  private readonly tables: ShadowTables;
  private readonly rows: ShadowWriter;
  private readonly carried: CarriedRows;
  private readonly decoder = new EventDecoder();
  private readonly limits: RebuildLimits;
  private readonly logLock: string;
  private readonly headQuery: string;
  private state!: RebuildState;

  constructor(
    private readonly projection: InlineProjection,
    readers: readonly pg.ClientBase[],
    private readonly writer: pg.ClientBase,
    schema: string,
    private readonly options: Omit<RebuildOptions, 'connection'>,
  ) {
    const quoted = pg.escapeIdentifier(schema);
    this.readers = readers.map((client) => new ReplayReader(client, schema, projection.carries));
    this.progress = new RebuildProgress(writer, schema, projection.name);
    this.tables = new ShadowTables(writer, schema, projection);
    this.rows = new ShadowWriter(writer, projection, this.tables);
    this.carried = new CarriedRows(writer, schema, projection, this.tables);
    this.limits = { ...LIMITS, ...options.limits };
    this.logLock = `select pg_advisory_xact_lock(${quoted}.log_lock_key())`;
    this.headQuery = `select coalesce(max(last_position), 0) as head from ${quoted}.log_commit`;
  }

  async run(): Promise<RebuildReport> {
    await this.tables.refuseUnlessReplaceable();
    await this.tables.refuseUnknownColumns();
    const resumedFrom = await this.beginOrGoOn();
    let exchangeMs: number | null = null;
    if (this.state.phase === 'copy') await this.copy();
    if (this.state.phase === 'index' && !this.isStopped) await this.index();
    if (this.state.phase === 'follow') exchangeMs = await this.followAndExchange();
    return {
      isDone: exchangeMs !== null,
      resumedFrom,
      position: this.state.position,
      exchangeMs: exchangeMs ?? 0,
    };
  }

  private async beginOrGoOn(): Promise<number> {
    const definition = `${this.options.programVersion} ${await this.tables.shape()}`;
    const found = this.options.restart === true ? null : await this.progress.goOn(definition);
    if (found !== null) {
      this.state = found;
      return found.position;
    }
    await this.transaction(async () => {
      await this.tables.create();
      this.state = await this.progress.begin(definition);
      const archivedTo = await this.carried.takeAll();
      if (archivedTo > 0) await this.advance({ ...this.state, position: archivedTo });
    });
    return 0;
  }

  /** While one range is worked on, the database sorts the next one on another connection. */
  private async copy(): Promise<void> {
    const head = await this.head();
    const ranges = rangesOf(this.state.position, head, this.limits.rangeSize);
    const begin = (n: number): RunningCopy | null => {
      const range = this.isStopped ? undefined : ranges[n];
      return range === undefined ? null : this.reader(n).byStream(range);
    };
    let coming = begin(0);
    for (const [n, { upTo }] of ranges.entries()) {
      const current = coming;
      if (current === null) return;
      coming = begin(n + 1);
      await this.transaction(() => this.takeOver(current, upTo, this.reader(n), head));
      this.report(this.state.position, head);
    }
    if (this.isStopped) return;
    await this.transaction(() => this.advance({ ...this.state, phase: 'index' }));
  }

  private async index(): Promise<void> {
    await this.transaction(async () => {
      await this.writer.query(`select set_config('maintenance_work_mem', '256MB', true)
        where pg_size_bytes(current_setting('maintenance_work_mem')) < pg_size_bytes('256MB')`);
      if (this.state.hasOldRows) await this.tables.dropOldRows();
      await this.tables.index();
      await this.advance({ ...this.state, phase: 'follow', hasOldRows: false });
    });
    this.report(this.state.position, await this.head());
  }

  private async followAndExchange(): Promise<number | null> {
    const tries = this.limits.patienceMs;
    for (const [index, patienceMs] of tries.entries()) {
      await this.follow();
      if (this.isStopped) return null;
      const begun = performance.now();
      try {
        await this.transaction(() => this.exchange(patienceMs));
        return performance.now() - begun;
      } catch (error) {
        if ((error as { code?: string }).code !== LOCK_TIMEOUT) throw error;
        if (index === tries.length - 1) throw new RebuildBlockedError(this.projection.name, error);
      }
      await pause(patienceMs * 2);
    }
    return null;
  }

  /** Until only little is missing. */
  private async follow(): Promise<void> {
    for (let head = await this.head(); !this.isStopped; head = await this.head()) {
      if (head - this.state.position <= CLOSE_TO_HEAD) return;
      await this.transaction(() =>
        this.takeOverUpTo(Math.min(head, this.state.position + EVENTS_PER_FOLLOW)),
      );
      this.report(this.state.position, head);
    }
  }

  /** First the log's lock, as every append takes it, then the tables: in another order both could wait for ever. */
  private async exchange(patienceMs: number): Promise<void> {
    await this.writer.query(`set local lock_timeout = '5s'; ${this.logLock}`);
    await this.takeOverUpTo(await this.head());
    await this.writer.query(`set local lock_timeout = ${patienceMs}`);
    await this.tables.lockLive();
    await this.tables.exchange();
    await this.progress.end();
  }

  private takeOverUpTo(upTo: number): Promise<void> {
    const reader = this.reader(0);
    return this.takeOver(reader.byStream({ after: this.state.position, upTo }), upTo, reader, upTo);
  }

  /**
   * Writes the rows of the streams that have events in the next range. A stream that begins in it is there whole; one that
   * began before is read again by key, and its older row goes: at once when it can be found, else before the key is made.
   */
  private async takeOver(copy: RunningCopy, upTo: number, reader: ReplayReader, head: number): Promise<void> {
    const { rows, decoder, state } = this;
    const makeRoom = (): Promise<void> => rows.makeRoom();
    const begunBefore: string[] = [];
    const left: ReplayedEvent[] = [];
    const beginsHere = (first: CopyRow, streamId: string): boolean => {
      const isBeginning = first.int(FIELD.version) === 1;
      if (!isBeginning) begunBefore.push(streamId);
      return isBeginning;
    };
    const streams = new StreamCollector(decoder, (events) => rows.addStream(events), beginsHere);
    let count = 0;
    await copy.read((row) => {
      const event = streams.take(row);
      if (event !== null) rows.addEvent(event);
      else if (rows.leavesRow.has(row.latin1(FIELD.type))) left.push(decoder.event(row));
      if (++count % EVENTS_PER_REPORT === 0) this.report(state.position + count, head);
    }, makeRoom);
    streams.end();

    const archived = await this.carried.among(begunBefore);
    const readable = begunBefore.filter((id) => !archived.has(id));
    for (const event of left) if (!archived.has(event.streamId)) rows.addEvent(event);
    if (state.phase === 'follow') await rows.remove(readable);
    const whole = new StreamCollector(decoder, (events) => rows.addStream(events));
    await reader.streams(readable, upTo, null, (row) => whole.take(row), makeRoom);
    whole.end();

    await rows.flush();
    await this.carried.takeAgain([...archived]);
    const hasOldRows = state.hasOldRows || (state.phase === 'copy' && begunBefore.length > 0);
    await this.advance({ ...state, position: upTo, hasOldRows });
  }

  private reader(n: number): ReplayReader {
    return this.readers[n % this.readers.length]!;
  }

  private async advance(to: RebuildState): Promise<void> {
    await this.progress.advance(to);
    this.state = to;
  }

  /** All or nothing, of what is stored and of what is remembered here. */
  private async transaction(work: () => Promise<unknown>): Promise<void> {
    const before = this.state;
    await this.writer.query('begin');
    try {
      await work();
      await this.writer.query('commit');
    } catch (error) {
      await this.rows.discard();
      await this.writer.query('rollback').catch(() => undefined);
      this.state = before;
      throw error;
    }
  }

  private async head(): Promise<number> {
    const { rows } = await this.writer.query<{ head: string | number }>(this.headQuery);
    return Number(rows[0]!.head);
  }

  private report(position: number, head: number): void {
    this.options.onProgress?.({ phase: this.state.phase, position, head });
  }

  private get isStopped(): boolean {
    return this.options.signal?.aborted === true;
  }
}

const rangesOf = (after: number, upTo: number, size: number | null): readonly LogRange[] => {
  const ranges: LogRange[] = [];
  let length = size ?? FIRST_RANGE;
  for (let begin = after; begin < upTo; begin = ranges.at(-1)!.upTo) {
    ranges.push({ after: begin, upTo: Math.min(begin + length, upTo) });
    if (size === null) length = Math.min(length * 2, MOST_PER_RANGE);
  }
  return ranges;
};
