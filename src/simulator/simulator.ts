import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type Lie } from './callbacks/callback-message.js';
import { type FaultSetting } from './faults/parse-faults.js';
import { type Gate, type GateFilter, type GatePoint } from './ledger/gates.js';
import { type Ledger } from './ledger/ledger.js';
import {
  type CallbackRecord,
  type ReadRecord,
  type RecordFilter,
  type SubmitRecord,
} from './ledger/records.js';
import { router } from './server/router.js';
import { SimulatorControlError } from './simulator-control.error.js';
import { SimulatorCore } from './simulator-core.js';
import { faultSettings, settingsFrom, type SimulatorOptions } from './simulator.options.js';
import { type SimulatedTask } from './tasks/simulated-task.js';

/**
 * A running provider. Tests steer it instead of waiting: gates hold requests, `next…` tells when something has come, `finish`
 * and `fail` end tasks. The same is offered over HTTP below `/_simulator/`.
 *
 * Calls with a task id reject (`run` and `expireFiles` throw) with `SimulatorControlError` when the task is not remembered.
 */
export interface Simulator {
  /** Base URL, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** What was received and sent. */
  readonly ledger: Pick<Ledger, 'submits' | 'reads' | 'callbacks' | 'counts' | 'head' | 'reset'>;
  /** Sum of the prices of all tasks that succeeded. */
  readonly creditsCharged: number;
  /** What the balance call answers; set it to 0 to have submits refused with 402. */
  creditsLeft: number;

  /** Replaces what is switched on for everybody. Text is read by `parseFaults`. */
  setFaults(...faults: readonly (string | FaultSetting)[]): void;
  /** What is still on, as text. */
  faults(): string[];

  /** Closes a gate. It stays closed until it is released. */
  hold(point: GatePoint, filter?: GateFilter): Gate;
  /** The next submit that fits, as soon as it is decided (before its answer); with `after`, also an earlier one. */
  nextSubmit(filter?: RecordFilter): Promise<SubmitRecord>;
  /** The next status, detail or balance call that fits. */
  nextRead(filter?: RecordFilter): Promise<ReadRecord>;
  /** The next callback that fits, once it was answered or has failed. */
  nextCallback(filter?: RecordFilter): Promise<CallbackRecord>;
  /** Resolves when the task has a verdict. */
  settled(taskId: string): Promise<void>;

  /** An open task is running from now on, and this far (percent). */
  run(taskId: string, progress: number): void;
  /** Ends the task now, or turns a failed one; resolves when the first try of its callback is over. */
  finish(taskId: string): Promise<void>;
  /** Fails the task now, also a finished one; resolves when the first try of its callback is over. */
  fail(taskId: string, message?: string): Promise<void>;
  /** Sends the callback of the task's present state once more, as it is. One try. */
  redeliver(taskId: string): Promise<CallbackRecord>;
  /** Sends a callback that says something else; `url` for another receiver than the submitted one. One try. */
  sendCallback(taskId: string, lie: Lie & { readonly url?: string }): Promise<CallbackRecord>;
  /** The result files of the task are gone from now on. */
  expireFiles(taskId: string): void;

  /** Stops at once: open connections are cut, nothing is sent any more. Calling it again does nothing. */
  close(): Promise<void>;
}

/**
 * Starts a provider on a port of its own.
 *
 * @throws TypeError for bad options
 * @throws FaultSyntaxError for badly written faults
 * @throws the error of `listen` (`EADDRINUSE` …) when the port cannot be had
 */
export const startSimulator = async (options: SimulatorOptions = {}): Promise<Simulator> => {
  const settings = settingsFrom(options);
  const core = new SimulatorCore(settings);
  const server = createServer(router(core));
  // Longer than callers keep idle connections, so that none is closed under a request on its way.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, settings.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}`;
  core.baseUrl = settings.publicUrl ?? url;

  const task = (id: string): SimulatedTask => {
    const found = core.registry.get(id);
    if (!found) throw new SimulatorControlError(`The simulator has no task ${id}.`);
    return found;
  };
  let closing: Promise<void> | null = null;

  return {
    url,
    port,
    ledger: core.ledger,
    get creditsCharged() {
      return core.registry.creditsCharged;
    },
    get creditsLeft() {
      return core.registry.creditsLeft;
    },
    set creditsLeft(credits) {
      core.registry.creditsLeft = credits;
    },
    setFaults: (...faults) => core.faults.replace(faultSettings(faults)),
    faults: () => core.faults.list(),
    hold: (point, filter) => core.gates.hold(point, filter),
    nextSubmit: (filter) => core.ledger.next('submits', filter).record,
    nextRead: (filter) => core.ledger.next('reads', filter).record,
    nextCallback: (filter) => core.ledger.next('callbacks', filter).record,
    settled: async (id) => core.registry.settled(task(id)),
    run: (id, progress) => {
      task(id).progress = progress;
    },
    finish: async (id) => core.registry.end(task(id), 'finished'),
    fail: async (id, message) => core.registry.end(task(id), 'failed', message),
    redeliver: async (id) => core.callbacks.sendByHand(task(id), {}),
    sendCallback: async (id, { url: receiver, ...lie }) => core.callbacks.sendByHand(task(id), lie, receiver),
    expireFiles: (id) => {
      task(id).filesExpired = true;
    },
    close: () => {
      closing ??= new Promise<void>((resolve) => {
        core.close();
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closing;
    },
  };
};
