import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { SchedulerRegistry } from '@nestjs/schedule';
import { EventStore } from '../../event-store/index.js';
import { withDeadline } from '../../shared/with-deadline.js';
import { ProviderAccount } from '../account/provider-account.js';
import { PassTime } from '../commands/pass-time/pass-time.command.js';
import { RecordOutcome } from '../commands/record-outcome/record-outcome.command.js';
import { RecordOutcomeHandler } from '../commands/record-outcome/record-outcome.handler.js';
import { LANES, type Lane } from '../domain/plan-wake.js';
import { type TaskPolicy } from '../domain/task.policy.js';
import { TASKS_OPTIONS, type TasksOptions } from '../tasks.options.js';
import { RestoreWatch } from '../submissions/restore-watch.js';
import { TASK_POLICY } from '../tasks.tokens.js';
import { AccountKeeper } from './account-keeper.js';
import { DueSignal } from './due-signal.js';
import { FIRST_SUBMITS, LaneSlots } from './lane-slots.js';
import { MissingTimers } from './missing-timers.js';
import { Poller } from './poller.js';
import { Recoverer } from './recoverer.js';
import { Submitter } from './submitter.js';
import { type Claim, TimerStore } from './timer-store.js';
import { TouchQueue } from './touch-queue.js';
import { UnsavedOutcomes } from './unsaved-outcomes.js';

const CLOCKS_PER_TICK = 200;
/** Commits of other processes may mean work for us; asking for each of them would be too often. */
const FOREIGN_COMMIT_PAUSE_MS = 50;
const TICK = 'genledger-saga';
const SWEEP = 'genledger-missing-timers';
const SWEEP_EVERY_MS = 3_600_000;

/**
 * The scheduled saga: takes due work from the timer rows and carries it out, lane by lane.
 *
 * What is due lies in the database, so a restart forgets nothing and any number of replicas take turns. The tick is the
 * safety net; new submissions and callbacks ring at once. Stopping: nothing new is claimed, calls under way are finished
 * and recorded, the rest becomes due again by its lease.
 */
@Injectable()
export class SagaRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger('Saga');
  private readonly lanes: Readonly<Record<Lane, LaneSlots>>;
  private readonly inFlight = new Set<Promise<unknown>>();
  private readonly stopListening: (() => void)[] = [];
  private stopping = false;
  private ticking: Promise<void> | null = null;
  private foreignTimer: NodeJS.Timeout | null = null;

  constructor(
    private readonly store: EventStore,
    private readonly timers: TimerStore,
    private readonly touches: TouchQueue,
    private readonly submitter: Submitter,
    private readonly recoverer: Recoverer,
    private readonly poller: Poller,
    private readonly missing: MissingTimers,
    private readonly keeper: AccountKeeper,
    private readonly account: ProviderAccount,
    private readonly watch: RestoreWatch,
    private readonly unsaved: UnsavedOutcomes,
    private readonly outcomes: RecordOutcomeHandler,
    private readonly commands: CommandBus,
    private readonly due: DueSignal,
    private readonly schedule: SchedulerRegistry,
    @Inject(TASKS_OPTIONS) private readonly options: TasksOptions,
    @Inject(TASK_POLICY) private readonly policy: TaskPolicy,
  ) {
    const { submitConcurrency, statusConcurrency } = options;
    const quarter = Math.max(1, Math.floor(statusConcurrency / 4));
    const confirm = new LaneSlots(Math.max(1, statusConcurrency - 2 * quarter));
    this.lanes = {
      submit: new LaneSlots(submitConcurrency, { first: FIRST_SUBMITS }),
      recover: new LaneSlots(4),
      confirm,
      poll: new LaneSlots(quarter, { borrows: { from: confirm, butFor: Math.ceil(quarter / 2) } }),
      slow: new LaneSlots(quarter),
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    if (!this.options.isWorker) return;
    await this.watch.start();
    // Not by the bus, which knows its handlers only when all modules have started.
    await this.unsaved.recover(({ taskId, attempt, outcome }) =>
      this.outcomes.execute(new RecordOutcome(taskId, attempt, outcome)),
    );
    this.stopListening.push(
      this.due.listen((lane) => this.wake(lane)),
      this.store.onCommit(() => this.wakeSoon()),
    );
    this.schedule.addInterval(
      TICK,
      setInterval(() => void this.tick(), this.options.sagaIntervalMs),
    );
    this.schedule.addInterval(
      SWEEP,
      setInterval(() => this.track(this.sweep()), SWEEP_EVERY_MS),
    );
    void this.tick();
    this.track(this.sweep());
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    this.stopListening.forEach((stop) => stop());
    if (this.foreignTimer) clearTimeout(this.foreignTimer);
    for (const name of [TICK, SWEEP])
      if (this.schedule.doesExist('interval', name)) this.schedule.deleteInterval(name);
    this.missing.stop();
    // A tick on a database that has fallen silent may never end; what is unsaved must be kept all the same.
    const working = Promise.all([this.ticking, this.settled()]);
    await withDeadline(working, this.options.shutdownMs);
    await this.unsaved
      .keep()
      .catch((error: unknown) => this.log.error({ msg: 'answers could not be kept', error }));
    await withDeadline(this.settled(), 1_000);
    if (this.options.isWorker) await this.watch.stop();
  }

  /** Something in this lane is due. */
  wake(lane: Lane): void {
    if (!this.stopping && this.options.isWorker) void this.pump(lane);
  }

  /**
   * Does everything that is due now, and what becomes due at once by that, and answers how many pieces of work that
   * were. For tests and operators; the schedule need not run.
   */
  async runOnce(): Promise<number> {
    let done = 0;
    for (;;) {
      await this.watch.check();
      await this.passTime();
      await this.keeper.run();
      let claimed = 0;
      for (const lane of LANES) {
        if (!this.mayRun(lane)) continue;
        const claims = await this.timers.claim(lane, 64, this.policy.leaseMs);
        await Promise.all(claims.map((claim) => this.handle(lane, claim)));
        claimed += claims.length;
      }
      await this.touches.settled();
      if (claimed === 0) return done;
      done += claimed;
    }
  }

  /** Resolves when no work is in flight. */
  async settled(): Promise<void> {
    while (this.inFlight.size > 0) await Promise.allSettled([...this.inFlight]);
    await this.touches.settled();
  }

  private async tick(): Promise<void> {
    this.ticking ??= this.keepUp()
      .catch((error: unknown) =>
        this.log.warn({ msg: 'the tick failed, the next one tries again', error: String(error) }),
      )
      .finally(() => (this.ticking = null));
    await this.ticking;
  }

  private async keepUp(): Promise<void> {
    await this.watch.checkRegularly();
    await this.account.refresh();
    // The first call after a pause goes alone, in every process.
    if (this.account.current.pause) this.lanes.submit.slowDown();
    for (const lane of LANES) this.wake(lane);
    await this.passTime();
    const steps = await this.keeper.run();
    steps.forEach((step) => this.meter(step));
  }

  private async passTime(): Promise<void> {
    const clocks = await this.timers.claimClocks(CLOCKS_PER_TICK, this.policy.leaseMs);
    await Promise.all(clocks.map(({ taskId, now }) => this.commands.execute(new PassTime(taskId, now))));
  }

  private async sweep(): Promise<void> {
    try {
      if ((await this.missing.restore()) > 0) for (const lane of LANES) this.wake(lane);
    } catch (error) {
      this.log.warn({ msg: 'missing timers could not be looked for', error: String(error) });
    }
  }

  private wakeSoon(): void {
    this.foreignTimer ??= setTimeout(() => {
      this.foreignTimer = null;
      this.wake('submit');
      this.wake('confirm');
    }, FOREIGN_COMMIT_PAUSE_MS);
  }

  private mayRun(lane: Lane): boolean {
    return lane !== 'submit' || (this.watch.mayPrepare && this.account.current.pause === null);
  }

  private async pump(lane: Lane): Promise<void> {
    const slots = this.lanes[lane];
    if (!slots.beginClaiming()) return;
    try {
      while (!this.stopping && this.mayRun(lane) && slots.wantsMore()) {
        const wanted = slots.free;
        const claims = await this.timers.claim(lane, wanted, this.policy.leaseMs);
        slots.claimed(claims.length, wanted);
        for (const claim of claims) this.track(this.run(lane, claim));
      }
    } catch (error) {
      this.log.warn({ msg: 'due work could not be claimed', lane, error: String(error) });
    } finally {
      slots.endClaiming();
    }
  }

  private async run(lane: Lane, claim: Claim): Promise<void> {
    await this.handle(lane, claim);
    const slots = this.lanes[lane];
    slots.release();
    if (slots.isWorthClaiming()) this.wake(lane);
  }

  private async handle(lane: Lane, claim: Claim): Promise<void> {
    try {
      if (lane === 'submit') this.meter(await this.submitter.handle(claim));
      else if (lane === 'recover') await this.recoverer.handle(claim);
      else await this.poller.handle(claim);
    } catch (error) {
      // The lease brings it back.
      this.log.error({ msg: 'a piece of due work failed', lane, task: claim.taskId, error: String(error) });
    }
  }

  /** After a refusal by the account calls go out one by one again, then two, four … as they are accepted. */
  private meter(step: Awaited<ReturnType<Submitter['handle']>>): void {
    if (step === 'accepted') this.lanes.submit.speedUp();
    if (step === 'refused_by_account') this.lanes.submit.slowDown();
  }

  private track(work: Promise<unknown>): void {
    const tracked: Promise<unknown> = work.finally(() => this.inFlight.delete(tracked));
    this.inFlight.add(tracked);
  }
}
