import { parseAnswerFault } from '../faults/answer-fault.js';
import { type ReadRecord } from '../ledger/records.js';
import { type SimulatorCore } from '../simulator-core.js';
import {
  isVerdict,
  readTask,
  running,
  type SimulatedTask,
  type TaskView,
  truthOf,
  viewOfVerdict,
} from '../tasks/simulated-task.js';
import { type Answer, errorAnswer, jsonAnswer, respond } from '../wire/answer.js';
import { providerError } from '../wire/provider-error.js';
import { musicData, statusData } from '../wire/task-body.js';
import { wordedBody } from '../wire/worded-body.js';
import { isAuthorized } from './authorization.js';
import { type Exchange } from './exchange.js';

type ReadOperation = ReadRecord['operation'];

/** What one read ends in. */
interface Reading {
  readonly intended: Answer;
  readonly told: string | null;
}

const UNKNOWN: Reading = { intended: errorAnswer(providerError(404)), told: null };
const UNAUTHORIZED: Reading = { intended: errorAnswer(providerError(401)), told: null };

/** `GET /api/generate/status/{task_id}`. */
export const statusRoute = (core: SimulatorCore, exchange: Exchange, taskId: string): Promise<void> =>
  read(core, exchange, 'status', taskId, (task, counts) => {
    if (!task) return UNKNOWN;
    const now = core.now();
    const view = counts ? readTask(task, now) : truthOf(task, now);
    const data = statusData(task, view, core.baseUrl);
    const id = task.faults.strike('status-id');
    if (id === 'other') data['task_id'] = core.otherId(task.id);
    if (id === 'none') delete data['task_id'];
    return { intended: jsonAnswer(wordedBody(data, task.faults)), told: view.state };
  });

/** `GET /api/generate/detail/music?task_id=…`. Only music tasks have one. */
export const musicDetailRoute = (core: SimulatorCore, exchange: Exchange): Promise<void> =>
  read(core, exchange, 'detail', exchange.query.get('task_id') ?? '', (task) => {
    if (task?.domain !== 'music') return UNKNOWN;
    const view = detailView(task, core.now());
    return {
      intended: jsonAnswer(wordedBody(musicData(task, view, core.baseUrl), task.faults)),
      told: view.state,
    };
  });

/** `GET /api/user/balance`. */
export const balanceRoute = (core: SimulatorCore, exchange: Exchange): Promise<void> =>
  read(core, exchange, 'balance', null, () => {
    const data = { email: 'user@example.com', credits_amount: core.registry.creditsLeft };
    return { intended: jsonAnswer(wordedBody(data, core.globalFaults)), told: null };
  });

/** Detail shows the truth; late files are late here too, until status has counted them. */
const detailView = (task: SimulatedTask, now: number): TaskView => {
  task.reads += 1;
  const truth = truthOf(task, now);
  if (!isVerdict(truth.state)) return truth;
  const wanted = task.faults.strike('detail-state');
  if (wanted === 'running') return running(99);
  if (wanted === 'finished' || wanted === 'failed') return viewOfVerdict(wanted, truth.message);
  return { ...truth, withFiles: truth.withFiles && task.fate.lateFileReads === 0 };
};

/**
 * Order: gate, fault decided, state read, ledger written, answer gate, answer.
 *
 * `look` is told whether its answer reaches the caller: a read that a fault swallows does not count against late files or flips.
 */
const read = async (
  core: SimulatorCore,
  exchange: Exchange,
  operation: ReadOperation,
  taskId: string | null,
  look: (task: SimulatedTask | null, counts: boolean) => Reading,
): Promise<void> => {
  const { request, response, connection } = exchange;
  const { gates, globalFaults, ledger, queue, registry, settings } = core;
  const before = taskId === null ? null : registry.get(taskId);
  const subject = { text: before?.text ?? '', taskId };
  const held = operation === 'balance' ? null : gates.pass(operation, subject);
  if (held) await held;

  const isAllowed = isAuthorized(request.headers.authorization, settings.apiKeys);
  const task = taskId === null ? null : registry.get(taskId);
  const struck = isAllowed ? ((task?.faults ?? globalFaults).strike(operation) ?? null) : null;
  const fault = struck === null ? null : parseAnswerFault(struck);
  const counts = fault === null || fault.kind === 'slow' || fault.kind === 'trickle';

  const reading = isAllowed ? look(task, counts) : UNAUTHORIZED;
  const record: ReadRecord = ledger.write('reads', {
    at: core.now(),
    connection,
    operation,
    taskId,
    text: subject.text,
    told: counts ? reading.told : null,
    fault: struck,
    answer: null,
  });
  response.once('close', () => {
    if (!response.writableFinished) record.answer ??= 'caller gone';
  });

  const answerHeld = operation === 'balance' ? null : gates.pass(`${operation}-answer`, subject);
  if (answerHeld) await answerHeld;
  if (settings.statusLatencyMs > 0) {
    await new Promise<void>((resolve) => queue.after(settings.statusLatencyMs, resolve));
  }
  record.answer ??= respond(request, response, queue, reading.intended, fault);
};
