import { setTimeout as pause } from 'node:timers/promises';
import { readTables, type TaskTableRow } from './database.js';
import { historiesOf, type History } from './history.js';
import { type Installation } from './installation.js';
import { type Operator } from './operator.js';

/*
 * After the storm: the provider works again, an operator does what operators do, and everything that can end, ends.
 */

const ENDED = new Set(['succeeded', 'failed', 'cancelled', 'expired']);
const ROUND_MS = 500;
const SETTLED_WITHIN_MS = 60_000;
const MORE_PER_TASK_MS = 10;

export interface Settlement {
  /** Unconfirmed when the storm was over. */
  readonly unconfirmedBefore: number;
  readonly isOver: boolean;
  readonly tookMs: number;
}

export const settle = async (
  installation: Installation,
  operator: Operator,
  tasks: number,
): Promise<Settlement> => {
  const startedAt = performance.now();
  const deadline = startedAt + SETTLED_WITHIN_MS + tasks * MORE_PER_TASK_MS;
  await installation.provider.setFaults([]);
  const before = await readTables(installation.database);
  const work = new Settling(installation, operator);
  let isOver = false;
  while (!isOver && performance.now() < deadline) {
    await pause(ROUND_MS);
    isOver = await work.round();
  }
  return {
    unconfirmedBefore: before.tasks.filter(({ status }) => status === 'unconfirmed').length,
    isOver,
    tookMs: Math.round(performance.now() - startedAt),
  };
};

class Settling {
  private readonly ended = new Set<string>();
  /** Unconfirmed tasks that the provider never made: every second one is sent again, the others stay as they are. */
  private readonly unmade = new Map<string, 'resubmit' | 'leave'>();

  constructor(
    private readonly installation: Installation,
    private readonly operator: Operator,
  ) {}

  /** One look at everything. True when nothing is left to be done. */
  async round(): Promise<boolean> {
    const tables = await readTables(this.installation.database);
    const open = tables.tasks.filter(({ status }) => !ENDED.has(status));
    if (open.length === 0) return true;
    await this.operator.resumeAccount();
    const histories = historiesOf(tables);
    const made = await this.madeAtProvider();
    const done = await Promise.all(
      open.map((task) => this.help(task, histories.get(task.id)!, made.get(task.id) ?? [])),
    );
    return done.every(Boolean);
  }

  /** True when the task may stay as it is. */
  private async help(task: TaskTableRow, history: History, made: readonly string[]): Promise<boolean> {
    if (task.status === 'held') await this.operator.resume(task);
    if (task.status === 'unconfirmed' && made.length === 0) return this.decideUnmade(task);
    const known = history.of('SubmissionAccepted').map(({ data }) => data.provider_task_id as string);
    for (const id of new Set([...made, ...known])) await this.end(id, task.status === 'unconfirmed');
    return history.wasMisled(made);
  }

  private async decideUnmade(task: TaskTableRow): Promise<boolean> {
    const decided = this.unmade.get(task.id);
    if (decided === 'leave') return true;
    const decision = decided ?? (this.unmade.size % 2 === 0 ? 'resubmit' : 'leave');
    this.unmade.set(task.id, decision);
    if (decision === 'resubmit') await this.operator.resubmit(task);
    return decision === 'leave';
  }

  /** Ends a task that would never end, and says once more what was perhaps said while nobody could hear it. */
  private async end(providerTaskId: string, isUnheard: boolean): Promise<void> {
    if (this.ended.has(providerTaskId)) return;
    this.ended.add(providerTaskId);
    const { provider } = this.installation;
    await provider.finish(providerTaskId).catch(() => undefined);
    if (isUnheard) await provider.redeliver(providerTaskId).catch(() => undefined);
  }

  /** By the callback URL of the submit: which provider tasks there are for a task of ours. */
  private async madeAtProvider(): Promise<Map<string, string[]>> {
    const { submits } = await this.installation.provider.ledger();
    const made = new Map<string, string[]>();
    for (const { taskId, callbackUrl } of submits) {
      const ours = callbackUrl === null ? null : attemptOfCallbackUrl(callbackUrl);
      if (taskId !== null && ours !== null) made.set(ours.taskId, [...(made.get(ours.taskId) ?? []), taskId]);
    }
    return made;
  }
}

/** Which attempt a callback URL is about. */
export const attemptOfCallbackUrl = (url: string): { taskId: string; attempt: number } | null => {
  const [, taskId, attempt] = /\/callbacks\/apidot\/([^/]+)\/(\d+)\//.exec(url) ?? [];
  return taskId === undefined ? null : { taskId, attempt: Number(attempt) };
};
