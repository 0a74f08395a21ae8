import { type FaultScope } from '../faults/fault-switches.js';
import { type SimulatorSettings } from '../simulator.options.js';
import {
  running,
  type SimulatedTask,
  type TaskState,
  truthOf,
  viewOfVerdict,
} from '../tasks/simulated-task.js';
import { inventedFiles, type TaskData, webhookData } from '../wire/task-body.js';
import { wordedBody } from '../wire/worded-body.js';
import { DEFAULT_CALLBACK_SECRET, signatureHeaders } from './callback-signature.js';

/** What is posted. */
export interface CallbackMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a callback says that is not so; parts left out are told truly. */
export interface Lie {
  readonly status?: string;
  readonly files?: readonly unknown[];
  readonly taskId?: string;
  readonly message?: string | null;
}

/** Facts around a message. */
export interface MessageContext {
  readonly settings: SimulatorSettings['callbacks'];
  readonly baseUrl: string;
  readonly now: number;
  /** Another task's id, for a callback that names the wrong one. */
  readonly otherId: string;
}

/** The callback about a task: the truth, changed by the faults of the task, changed by the lie. */
export const callbackMessage = (task: SimulatedTask, lie: Lie, context: MessageContext): CallbackMessage => {
  const { faults } = task;
  const data = told(task, context);

  const id = faults.strike('callback-id');
  if (id === 'other') data['task_id'] = context.otherId;
  if (id === 'none') delete data['task_id'];
  const files = faults.strike('callback-files');
  if (files !== undefined) data['files'] = files === 'false' ? inventedFiles(task, context.baseUrl) : [];

  if (lie.status !== undefined) data['status'] = lie.status;
  if (lie.files !== undefined) data['files'] = lie.files;
  if (lie.taskId !== undefined) data['task_id'] = lie.taskId;
  if (lie.message !== undefined) data['error_message'] = lie.message;

  const wrapped = (faults.strike('callback-shape') ?? context.settings.shape) === 'wrapped';
  const malformed = faults.strike('callback-malformed');
  return {
    headers: { 'content-type': 'application/json', ...signature(task.id, faults, context) },
    body:
      malformed === undefined
        ? JSON.stringify(wordedBody(data, faults, wrapped))
        : malformedBody(malformed, data, wrapped),
  };
};

const told = (task: SimulatedTask, { baseUrl, now }: MessageContext): TaskData => {
  const state = task.faults.strike('callback-state') as Exclude<TaskState, 'not_started'> | undefined;
  const truth = truthOf(task, now);
  if (state === undefined) return webhookData(task, truth, baseUrl);
  const view = state === 'running' ? running(50) : viewOfVerdict(state, truth.message);
  return webhookData(task, view, baseUrl);
};

const signature = (
  taskId: string,
  faults: FaultScope,
  { settings, now }: MessageContext,
): Record<string, string> => {
  const wanted = faults.strike('callback-signature') ?? (settings.secret === null ? 'off' : 'on');
  const secret = settings.secret ?? DEFAULT_CALLBACK_SECRET;
  const seconds = Math.floor(now / 1_000);
  switch (wanted) {
    case 'off':
      return {};
    case 'wrong':
      return signatureHeaders(`not ${secret}`, taskId, seconds);
    case 'stale':
      return signatureHeaders(secret, taskId, seconds - 600);
    default:
      return signatureHeaders(secret, taskId, seconds);
  }
};

const malformedBody = (kind: string, data: TaskData, wrapped: boolean): string => {
  switch (kind) {
    case 'text':
      return 'finished';
    case 'html':
      return '<html><body>finished</body></html>';
    case 'array':
      return JSON.stringify([data]);
    case 'no-status': {
      const { status: _, ...rest } = data;
      return JSON.stringify(wrapped ? { code: 200, data: rest } : rest);
    }
    default:
      return '';
  }
};
