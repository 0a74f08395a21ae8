import { Inject, Injectable, Logger } from '@nestjs/common';
import { type Pool } from 'pg';
import { DATABASE_OPTIONS, type DatabaseModuleOptions, PG_POOL } from '../../database/index.js';
import { EventStore, HistoryForkedError, SealRows } from '../../event-store/index.js';
import { ProviderAccount } from '../account/provider-account.js';
import { CLOCK, type Clock } from '../../shared/clock.js';
import { TaskRepository } from '../stream/task-repository.js';
import { TASKS_OPTIONS, type TasksOptions } from '../tasks.options.js';
import { ErasureReplay } from './erasure-replay.js';
import { type LogMark, LogMarkFile } from './log-mark.js';
import { placeSigns, readPlace, type SeenPlace } from './log-place.js';
import { type RestoreSign } from './submissions.events.js';
import { decidePlaced, type SubmissionsState } from './submissions.state.js';
import { Submissions } from './submissions.js';

/** The mark is written this often while the log grows, and at the stop. */
const MARK_EVERY_MS = 5_000;
const CHECK_EVERY_MS = 1_000;
/** A pool that keeps opening connections must not keep us looking for ever. */
const MAX_LOOKS = 5;

const CAUSE = { actor: 'worker', correlationId: null };

/**
 * Notices that the log is not the one that this worker, or an earlier one, has left: restored from a backup, or failed
 * over to a replica that lacked its newest commits. Such a log shows tasks as waiting that were sent.
 *
 *   unchecked ─► checked: sending may go on ─► (a new connection to the database) ─► unchecked ─► …
 *                  │ a sign
 *                  ▼
 *                RestoreSuspected in the log: all replicas stop, until an operator answers
 *
 * Nothing is sent while unchecked: another server always means another connection. A proxy may hide that, so each
 * second there is a look as well.
 */
@Injectable()
export class RestoreWatch {
  private readonly log = new Logger('Log');
  private mark: LogMark | null = null;
  private file: LogMarkFile | null = null;
  private writtenAt = -Infinity;
  private connections = 0;
  /** How many connections there had been when the last look began; null before the first. */
  private checkedAt: number | null = null;
  private lookedAt = -Infinity;
  private checking: Promise<void> | null = null;
  private erasuresReplayedFor: number | null = null;
  private readonly countConnection = (): void => void this.connections++;

  constructor(
    private readonly submissions: Submissions,
    private readonly account: ProviderAccount,
    private readonly tasks: TaskRepository,
    private readonly erasures: ErasureReplay,
    private readonly store: EventStore,
    @Inject(PG_POOL) private readonly pool: Pool,
    @Inject(DATABASE_OPTIONS) private readonly database: DatabaseModuleOptions,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(TASKS_OPTIONS) private readonly options: TasksOptions,
  ) {}

  /** Looks for the first time. Resolves when it is known whether sending may begin. */
  async start(): Promise<void> {
    this.pool.on('connect', this.countConnection);
    const { logId } = await readPlace(this.pool);
    const folder = this.options.logMarkFolder ?? null;
    this.file = folder === null ? null : new LogMarkFile(folder, logId);
    this.mark = (await this.file?.read()) ?? null;
    await this.check();
  }

  /** Keeps where the log stands now, so that nobody can put an older one in its place unnoticed. */
  async stop(): Promise<void> {
    this.pool.off('connect', this.countConnection);
    try {
      await this.check();
      await this.writeMark();
    } catch (error) {
      this.log.warn({ msg: 'the mark of the log could not be made anew', error: String(error) });
    }
  }

  /** As far as was known a moment ago: worth preparing to send. False while nothing is known. */
  get mayPrepare(): boolean {
    return this.checkedAt !== null && this.submissions.stopped === null;
  }

  /** To be asked right before something is sent. Rejects when the database cannot be asked. */
  async maySend(): Promise<boolean> {
    if (!this.isChecked) await this.check();
    return this.isChecked && this.mayPrepare;
  }

  /** The regular look, in case a proxy changed the server behind a connection. */
  async checkRegularly(): Promise<void> {
    if (this.isChecked && this.clock.monotonic() - this.lookedAt < CHECK_EVERY_MS) return;
    await this.check();
  }

  /** One look at a time. Rejects when the database cannot be asked. */
  check(): Promise<void> {
    this.checking ??= this.look().finally(() => (this.checking = null));
    return this.checking;
  }

  private get isChecked(): boolean {
    return this.checkedAt === this.connections;
  }

  private async look(): Promise<void> {
    for (let looks = 0; looks < MAX_LOOKS; looks++) {
      const before = this.connections;
      await this.compare();
      this.checkedAt = before;
      this.lookedAt = this.clock.monotonic();
      if (this.isChecked) return;
    }
  }

  private async compare(): Promise<void> {
    const seen = await readPlace(this.pool);
    const broken = this.mark ? await this.signsAgainst(this.mark, seen) : [];
    const state = broken.length > 0 ? await this.forgetHistory() : await this.submissions.refresh();
    const recoveredAt = state.recovered?.at ?? null;
    // Somebody has answered for everything that was before.
    if (this.mark && recoveredAt && this.mark.at <= recoveredAt) this.mark = null;
    const signs = new Set([
      ...(this.mark ? broken : []),
      ...(state.place ? placeSigns(state.place, seen) : []),
      ...(this.isChecked ? [] : await this.signsOfSeals()),
    ]);
    if (signs.size > 0) await this.submissions.suspect([...signs], CAUSE);
    else if (state.place === null) await this.submissions.execute((now) => decidePlaced(now, seen), CAUSE);
    if (this.submissions.current.suspicion !== null) return;
    await this.moveMark(seen, recoveredAt);
    await this.replayErasures(recoveredAt);
  }

  private async signsAgainst({ bookmark, place }: LogMark, seen: SeenPlace): Promise<RestoreSign[]> {
    const signs = placeSigns(place, seen);
    try {
      await this.store.assertSameHistory(bookmark);
      return signs;
    } catch (error) {
      if (!(error instanceof HistoryForkedError)) throw error;
      return [...signs, error.head < bookmark.position ? 'head_behind_mark' : 'history_differs'];
    }
  }

  /** Seals lie beside the log; a log that ends before one of them was put together from two backups. */
  private async signsOfSeals(): Promise<RestoreSign[]> {
    const seal = await new SealRows(this.pool, this.database.schema).newest();
    if (seal === null) return [];
    try {
      await this.store.assertSameHistory({ position: seal.position, chain: seal.chain });
      return [];
    } catch (error) {
      if (!(error instanceof HistoryForkedError)) throw error;
      return ['head_behind_seal'];
    }
  }

  /** What was remembered may be of the history that is gone. Whoever asks meanwhile whether to send waits for the answer. */
  private forgetHistory(): Promise<SubmissionsState> {
    this.checkedAt = null;
    this.tasks.forget();
    this.account.forget();
    return this.submissions.reread();
  }

  private async moveMark({ at, ...place }: SeenPlace, recoveredAt: Date | null): Promise<void> {
    const { position } = await this.store.head();
    if (this.mark?.bookmark.position === position) return;
    this.mark = { bookmark: await this.store.bookmark(position), place, at };
    if (this.clock.monotonic() - this.writtenAt < MARK_EVERY_MS) return;
    await this.writeMark(recoveredAt);
  }

  private async writeMark(
    recoveredAt: Date | null = this.submissions.current.recovered?.at ?? null,
  ): Promise<void> {
    if (!this.mark) return;
    this.writtenAt = this.clock.monotonic();
    try {
      await this.file?.write(this.mark, recoveredAt);
    } catch (error) {
      this.log.warn({ msg: 'the mark of the log could not be kept', error: String(error) });
    }
  }

  /** Each replica has a list of its own, and nobody else can read it. */
  private async replayErasures(recoveredAt: Date | null): Promise<void> {
    const recovered = recoveredAt?.getTime() ?? 0;
    if (this.erasuresReplayedFor === recovered) return;
    await this.erasures.run(recoveredAt !== null, CAUSE);
    this.erasuresReplayedFor = recovered;
  }
}
