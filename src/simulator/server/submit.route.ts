import { type IncomingMessage } from 'node:http';
import { parseAnswerFault } from '../faults/answer-fault.js';
import { type FaultScope } from '../faults/fault-switches.js';
import { type SubmitRecord } from '../ledger/records.js';
import { type SimulatorCore } from '../simulator-core.js';
import { type SimulatedTask } from '../tasks/simulated-task.js';
import { type Answer, errorAnswer, jsonAnswer, respond } from '../wire/answer.js';
import { errorBody, providerError, type ProviderError } from '../wire/provider-error.js';
import { submitData } from '../wire/task-body.js';
import { wordedBody } from '../wire/worded-body.js';
import { isAuthorized } from './authorization.js';
import { BodyTooLargeError, type Exchange, readBody } from './exchange.js';
import { isRefused, readSubmit, type SubmitRequest } from './submit-request.js';

/** The headers worth asserting on; the key itself is not kept. */
const KEPT_HEADERS = [
  'content-type',
  'user-agent',
  'idempotency-key',
  'x-poyo-source',
  'traceparent',
  'connection',
];

/** How much of a submit body a task remembers for finding it by a marker. */
const REMEMBERED_CHARACTERS = 4_096;

/**
 * `POST /api/generate/submit`.
 *
 * Order: body received, gate `submit`, task created (or not) and ledger written, early callback, gate `submit-answer`, answer.
 */
export const submitRoute = async (core: SimulatorCore, exchange: Exchange): Promise<void> => {
  const { request, response } = exchange;
  let text: string;
  try {
    text = await readBody(request);
  } catch (error) {
    if (!(error instanceof BodyTooLargeError)) throw error;
    respond(request, response, core.queue, errorAnswer(providerError(413)), null);
    return;
  }
  const held = core.gates.pass('submit', { text, taskId: null });
  if (held) await held;

  const decision = decide(core, request, text);
  const { task, scope, understood } = decision;
  const record: SubmitRecord = core.ledger.write('submits', {
    at: core.now(),
    connection: exchange.connection,
    headers: keptHeaders(request),
    model: understood?.model ?? null,
    input: understood?.input ?? null,
    callbackUrl: understood?.callbackUrl ?? null,
    text,
    taskId: task?.id ?? null,
    fault: decision.fault,
    answer: null,
  });
  response.once('close', () => {
    if (!response.writableFinished) record.answer ??= 'caller gone';
  });

  if (task) {
    const forged = scope.strike('callback-forged');
    if (forged !== undefined) {
      const half = Number.isFinite(task.endsAt) ? (task.endsAt - task.createdAt) / 2 : 0;
      core.queue.after(half, () => void core.callbacks.deliverForgery(task, forged));
    }
    if (scope.strike('callback-early') !== undefined) await core.registry.endByTime(task);
  }

  const answerHeld = core.gates.pass('submit-answer', { text, taskId: task?.id ?? null });
  if (answerHeld) await answerHeld;
  const { submitLatencyMs } = core.settings;
  if (submitLatencyMs > 0) await new Promise<void>((resolve) => core.queue.after(submitLatencyMs, resolve));
  const fault = decision.fault === null ? null : parseAnswerFault(decision.fault);
  record.answer ??= respond(request, response, core.queue, decision.intended, fault);
};

interface Decision {
  readonly understood: SubmitRequest | null;
  readonly scope: FaultScope;
  readonly task: SimulatedTask | null;
  /** An ANSWER of the fault catalogue. */
  readonly fault: string | null;
  readonly intended: Answer;
}

const decide = (core: SimulatorCore, request: IncomingMessage, text: string): Decision => {
  const refused = (error: ProviderError, understood: SubmitRequest | null = null): Decision => ({
    understood,
    scope: core.globalFaults,
    task: null,
    fault: null,
    intended: errorAnswer(error),
  });
  if (!isAuthorized(request.headers.authorization, core.settings.apiKeys)) return refused(providerError(401));
  const understood = readSubmit(text, core.settings.strictModels);
  if (isRefused(understood)) return refused(understood);

  const scope = core.scopeOf(understood.directives);
  const struck = scope.strike('submit') ?? null;
  const fault = struck === null ? null : parseAnswerFault(struck);
  if (fault?.creates === false) return { ...refused(providerError(500), understood), scope, fault: struck };
  if (core.registry.creditsLeft < understood.profile.credits) return refused(providerError(402), understood);

  const otherId = core.otherId(null);
  const task = core.registry.create({
    ...understood,
    text: text.length <= REMEMBERED_CHARACTERS ? text : beginning(text),
    faults: scope,
  });
  return { understood, scope, task, fault: struck, intended: acceptance(task, scope, otherId) };
};

const acceptance = (task: SimulatedTask, scope: FaultScope, otherId: string): Answer => {
  const data = submitData(task);
  switch (scope.strike('submit-id')) {
    case 'none':
      delete data['task_id'];
      break;
    case 'empty':
      data['task_id'] = '';
      break;
    case 'number':
      data['task_id'] = 1_757_165_031;
      break;
    case 'unusable':
      data['task_id'] = `${task.id}/ x`;
      break;
    case 'other':
      data['task_id'] = otherId;
  }
  if (scope.strike('error-with-id') === undefined) return jsonAnswer(wordedBody(data, scope));
  return jsonAnswer({ ...errorBody(providerError(500), 500), data }, 500);
};

/** A copy: a slice would keep the whole body in memory. */
const beginning = (text: string): string =>
  Buffer.from(text.slice(0, REMEMBERED_CHARACTERS), 'utf16le').toString('utf16le');

const keptHeaders = ({ headers }: IncomingMessage): Record<string, string> => {
  const kept: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string') kept[name] = value;
  }
  if (headers.authorization !== undefined) kept['authorization'] = `…${headers.authorization.slice(-4)}`;
  return kept;
};
