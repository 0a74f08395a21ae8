import { type Lie } from '../callbacks/callback-message.js';
import { FAULTS } from '../faults/fault-catalogue.js';
import { FaultSyntaxError, parseFaults } from '../faults/parse-faults.js';
import { GATE_POINTS, type Gate, type GatePoint } from '../ledger/gates.js';
import { type LedgerRecords, type RecordFilter } from '../ledger/records.js';
import { SimulatorControlError } from '../simulator-control.error.js';
import { type SimulatorCore } from '../simulator-core.js';
import { type SimulatedTask, truthOf } from '../tasks/simulated-task.js';
import { filePath } from '../wire/task-body.js';
import { BodyTooLargeError, type Exchange, readBody } from './exchange.js';

/*
 * The simulator's own routes, for black-box tests and other processes. JSON in and out; errors are {"error": "…"}.
 *
 *   GET    /_simulator/ledger                     totals, credits, submits, reads, callbacks   ?contains= &task_id= &after=SEQ
 *   DELETE /_simulator/ledger                     forgets records and totals
 *   GET    /_simulator/wait/{submits|reads|callbacks}   the first record that fits, as soon as there is one: with `after` also
 *                                                 an earlier one; 408 after timeout_ms (10000)  ?contains= &task_id= &after=SEQ
 *   GET    /_simulator/faults                     what is on, and the catalogue
 *   PUT    /_simulator/faults                     {"faults": ["submit=drop@0.1"]} replaces, POST adds, DELETE switches all off
 *   GET    /_simulator/tasks/{id}                 the truth about a task
 *   POST   /_simulator/tasks/{id}/run             {"progress"}: an open task is running, and this far
 *   POST   /_simulator/tasks/{id}/finish          ends it now, answers when its callback was tried
 *   POST   /_simulator/tasks/{id}/fail            {"message"?}
 *   POST   /_simulator/tasks/{id}/redeliver       sends its callback again
 *   POST   /_simulator/tasks/{id}/callback        {"status"?, "files"?, "task_id"?, "message"?, "url"?}: sends one that lies
 *   POST   /_simulator/tasks/{id}/expire-files    its result files are gone
 *   POST   /_simulator/gates                      {"point", "contains"?, "task_id"?} closes a gate: 201 {"id", "waiting"}
 *   GET    /_simulator/gates/{id}                 {"id", "waiting"}, at once or when `reached` requests have come  ?reached=N
 *   DELETE /_simulator/gates/{id}                 opens it
 *   PUT    /_simulator/credits                    {"credits": 12.5}
 */

class ControlError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const notFound = (what: string): ControlError => new ControlError(404, `${what} is unknown here.`);

type Body = Readonly<Record<string, unknown>>;

export const controlRoute = async (core: SimulatorCore, exchange: Exchange): Promise<void> => {
  const { response } = exchange;
  const answer = (status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body, null, 2));
  };
  try {
    const [status, body] = await act(core, exchange, await jsonBody(exchange));
    answer(status, body);
  } catch (error) {
    if (error instanceof ControlError) answer(error.status, { error: error.message });
    else if (error instanceof SimulatorControlError) answer(409, { error: error.message });
    else if (error instanceof FaultSyntaxError) answer(400, { error: error.message });
    else if (error instanceof BodyTooLargeError) answer(413, { error: error.message });
    else throw error;
  }
};

const act = async (
  core: SimulatorCore,
  exchange: Exchange,
  body: Body,
): Promise<[status: number, body: unknown]> => {
  const [area = '', id = '', action = ''] = segments(exchange.path);
  switch (`${exchange.request.method} ${area}`) {
    case 'GET ledger':
      return [200, ledgerView(core, filterFrom(exchange.query))];
    case 'DELETE ledger':
      core.ledger.reset();
      return [200, {}];
    case 'GET wait':
      return [200, await waitFor(core, id, exchange)];
    case 'GET faults':
      return [200, { faults: core.faults.list(), catalogue: catalogue() }];
    case 'PUT faults':
      core.faults.replace(parseFaults(texts(body, 'faults')));
      return [200, { faults: core.faults.list() }];
    case 'POST faults':
      core.faults.add(parseFaults(texts(body, 'faults')));
      return [200, { faults: core.faults.list() }];
    case 'DELETE faults':
      core.faults.replace([]);
      return [200, { faults: [] }];
    case 'GET tasks':
      return [200, taskView(core, taskOf(core, id))];
    case 'POST tasks':
      return [200, await control(core, taskOf(core, id), action, body)];
    case 'POST gates':
      return [201, gateView(closeGate(core, body))];
    case 'GET gates':
      return [200, await watchGate(core, Number(id), exchange)];
    case 'DELETE gates':
      gateOf(core, Number(id)).release();
      return [200, {}];
    case 'PUT credits':
      if (typeof body['credits'] !== 'number') throw new ControlError(400, 'credits must be a number.');
      core.registry.creditsLeft = body['credits'];
      return [200, { credits: core.registry.creditsLeft }];
    default:
      throw notFound(`${exchange.request.method} ${exchange.path}`);
  }
};

const PREFIX = '/_simulator/';

const segments = (path: string): string[] => {
  try {
    return path.slice(PREFIX.length).split('/').map(decodeURIComponent);
  } catch {
    throw notFound(path);
  }
};

const ledgerView = (core: SimulatorCore, filter: RecordFilter) => ({
  head: core.ledger.head,
  counts: core.ledger.counts,
  credits: { charged: core.registry.creditsCharged, left: core.registry.creditsLeft },
  submits: core.ledger.submits(filter),
  reads: core.ledger.reads(filter),
  callbacks: core.ledger.callbacks(filter),
});

const waitFor = async (
  core: SimulatorCore,
  kind: string,
  { query, response }: Exchange,
): Promise<unknown> => {
  if (kind !== 'submits' && kind !== 'reads' && kind !== 'callbacks')
    throw notFound(`The record kind "${kind}"`);
  const { record, forget } = core.ledger.next<keyof LedgerRecords>(kind, filterFrom(query));
  const limitMs = Number(query.get('timeout_ms') ?? 10_000);
  response.once('close', forget);
  return withLimit(core, limitMs, record, `No such record of ${kind} came within ${limitMs} ms.`);
};

const watchGate = async (core: SimulatorCore, id: number, { query }: Exchange): Promise<unknown> => {
  const gate = gateOf(core, id);
  const limitMs = Number(query.get('timeout_ms') ?? 10_000);
  const count = Number(query.get('reached') ?? 0);
  await withLimit(
    core,
    limitMs,
    gate.reached(count),
    `Fewer than ${count} requests came within ${limitMs} ms.`,
  );
  return gateView(gate);
};

const withLimit = <T>(
  core: SimulatorCore,
  limitMs: number,
  wanted: Promise<T>,
  complaint: string,
): Promise<T> =>
  new Promise((resolve, reject) => {
    const limit = core.queue.after(limitMs, () => reject(new ControlError(408, complaint)));
    void wanted.then((value) => {
      limit.cancel();
      resolve(value);
    });
  });

const closeGate = (core: SimulatorCore, body: Body): Gate => {
  const point = GATE_POINTS.find((known): known is GatePoint => known === body['point']);
  if (!point) throw new ControlError(400, `point must be one of ${GATE_POINTS.join(', ')}.`);
  return core.gates.hold(point, { contains: text(body, 'contains'), taskId: text(body, 'task_id') });
};

const gateOf = (core: SimulatorCore, id: number): Gate => {
  const gate = core.gates.find(id);
  if (!gate) throw notFound(`Gate ${id}`);
  return gate;
};

const gateView = ({ id, point, waiting }: Gate) => ({ id, point, waiting });

const taskOf = (core: SimulatorCore, id: string): SimulatedTask => {
  const task = core.registry.get(id);
  if (!task) throw notFound(`Task ${id}`);
  return task;
};

const control = async (
  core: SimulatorCore,
  task: SimulatedTask,
  action: string,
  body: Body,
): Promise<unknown> => {
  switch (action) {
    case 'run':
      if (typeof body['progress'] !== 'number') throw new ControlError(400, 'progress must be a number.');
      task.progress = body['progress'];
      return taskView(core, task);
    case 'finish':
      await core.registry.end(task, 'finished');
      return taskView(core, task);
    case 'fail':
      await core.registry.end(task, 'failed', text(body, 'message') ?? null);
      return taskView(core, task);
    case 'redeliver':
      return core.callbacks.sendByHand(task, {});
    case 'callback':
      return core.callbacks.sendByHand(task, lieFrom(body), text(body, 'url'));
    case 'expire-files':
      task.filesExpired = true;
      return taskView(core, task);
    default:
      throw notFound(`The action "${action}"`);
  }
};

const lieFrom = (body: Body): Lie => ({
  status: text(body, 'status'),
  taskId: text(body, 'task_id'),
  message: text(body, 'message'),
  files: Array.isArray(body['files']) ? body['files'] : undefined,
});

const taskView = (core: SimulatorCore, task: SimulatedTask) => {
  const { state, progress, message } = truthOf(task, core.now());
  return {
    task_id: task.id,
    model: task.model,
    domain: task.domain,
    status: state,
    progress,
    message,
    callback_url: task.callbackUrl,
    reads: task.reads,
    credits_charged: task.charged ? task.price : 0,
    files: state === 'finished' ? task.results.map((_, index) => core.baseUrl + filePath(task, index)) : [],
  };
};

const catalogue = () =>
  Object.entries(FAULTS).map(([name, { value, when, does }]) => ({ name, value, when, does }));

const filterFrom = (query: URLSearchParams): RecordFilter => {
  const after = query.get('after');
  return {
    contains: query.get('contains') ?? undefined,
    taskId: query.get('task_id') ?? undefined,
    after: after === null ? undefined : Number(after),
  };
};

const jsonBody = async ({ request }: Exchange): Promise<Body> => {
  const body = await readBody(request);
  if (body === '') return {};
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Body;
  } catch {
    // told below
  }
  throw new ControlError(400, 'The body must be a JSON object.');
};

const text = (body: Body, field: string): string | undefined => {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new ControlError(400, `${field} must be a string.`);
  return value;
};

const texts = (body: Body, field: string): string[] => {
  const value = body[field];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new ControlError(400, `${field} must be a list of strings.`);
};
