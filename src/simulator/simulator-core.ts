import { CallbackSender } from './callbacks/callback-sender.js';
import { FaultScope, FaultSwitches } from './faults/fault-switches.js';
import { type FaultSetting } from './faults/parse-faults.js';
import { Gates } from './ledger/gates.js';
import { Ledger } from './ledger/ledger.js';
import { seededRandom } from './random.js';
import { type SimulatorSettings } from './simulator.options.js';
import { DueQueue } from './tasks/due-queue.js';
import { makeTaskId } from './tasks/task-id.js';
import { TaskRegistry } from './tasks/task-registry.js';

/** The parts of one simulator, without its HTTP server: what the routes work with. */
export class SimulatorCore {
  readonly queue = new DueQueue();
  readonly ledger: Ledger;
  readonly gates = new Gates();
  readonly faults: FaultSwitches;
  /** For requests without directives of their own. */
  readonly globalFaults: FaultScope;
  readonly registry: TaskRegistry;
  readonly callbacks: CallbackSender;
  /** Known once the server listens. */
  baseUrl = '';

  private readonly random;
  private readonly startedAt = Date.now() - performance.now();

  constructor(readonly settings: SimulatorSettings) {
    this.random = seededRandom(settings.seed);
    this.ledger = new Ledger(settings.ledgerLimit);
    this.faults = new FaultSwitches(this.random, settings.faults);
    this.globalFaults = new FaultScope(null, this.faults);
    this.callbacks = new CallbackSender({
      settings,
      ledger: this.ledger,
      gates: this.gates,
      queue: this.queue,
      now: this.now,
      baseUrl: () => this.baseUrl,
      otherId: (id) => this.otherId(id),
    });
    this.registry = new TaskRegistry({
      speed: settings.speed,
      taskLimit: settings.taskLimit,
      credits: settings.credits,
      recallTasks: settings.recallTasks,
      now: this.now,
      random: this.random,
      queue: this.queue,
      globalFaults: this.globalFaults,
      onVerdict: (task) => this.callbacks.deliverVerdict(task),
    });
  }

  /** Unix milliseconds of a clock that never jumps: a change of the machine's clock ends no task early. */
  readonly now = (): number => this.startedAt + performance.now();

  /** The faults of a request that carries directives. */
  scopeOf(directives: readonly FaultSetting[]): FaultScope {
    return directives.length === 0
      ? this.globalFaults
      : new FaultScope(new FaultSwitches(this.random, directives), this.faults);
  }

  /** The id of another task: the one created last, or a made-up one. */
  otherId(id: string | null): string {
    const { newestId } = this.registry;
    if (newestId !== null && newestId !== id) return newestId;
    return makeTaskId({ domain: 'image', files: 1, createdAtSeconds: Math.floor(this.now() / 1_000) });
  }

  close(): void {
    this.queue.close();
    this.callbacks.close();
  }
}
