import { parseAnswerFault } from '../faults/answer-fault.js';
import { CONTENT_TYPES } from '../media/media-file.js';
import { type SimulatorCore } from '../simulator-core.js';
import { type SimulatedTask } from '../tasks/simulated-task.js';
import { type Answer, errorAnswer, respond } from '../wire/answer.js';
import { providerError } from '../wire/provider-error.js';
import { fileBytes } from '../wire/task-body.js';
import { type Exchange } from './exchange.js';

const PATH = /^\/files\/([^/]+)\/(\d{1,3})\.([a-z0-9]+)$/;

/** `GET` and `HEAD /files/{task_id}/{n}.{format}`: the bytes of a result, to whoever knows the URL, until it is too old. */
export const fileRoute = (core: SimulatorCore, { request, response, path }: Exchange): void => {
  const [, id, number, format] = PATH.exec(path) ?? [];
  const task = id === undefined ? null : core.registry.get(id);
  const struck = (task?.faults ?? core.globalFaults).strike('file');
  const fault = struck === undefined ? null : parseAnswerFault(struck);
  const answer =
    task && hasFile(core, task, Number(number) - 1, format)
      ? fileAnswer(task, Number(number) - 1, request.headers.range)
      : errorAnswer(providerError(404, 'File not found'));
  respond(request, response, core.queue, answer, fault);
};

const hasFile = (
  core: SimulatorCore,
  task: SimulatedTask,
  index: number,
  format: string | undefined,
): boolean =>
  task.results[index]?.format === format &&
  task.verdict === 'finished' &&
  !task.filesExpired &&
  core.now() - task.endedAt! < core.settings.resultTtlMs;

const fileAnswer = (task: SimulatedTask, index: number, range: string | undefined): Answer => {
  const bytes = fileBytes(task, index);
  const headers = { 'content-type': CONTENT_TYPES[task.results[index]!.format], 'accept-ranges': 'bytes' };
  const wanted = readRange(range, bytes.length);
  if (wanted === null) return { status: 200, headers, body: bytes };
  if (wanted === 'outside') {
    return { status: 416, headers: { ...headers, 'content-range': `bytes */${bytes.length}` }, body: '' };
  }
  const [first, last] = wanted;
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${first}-${last}/${bytes.length}` },
    body: bytes.subarray(first, last + 1),
  };
};

/** First and last byte of a single range; null when none is asked for or the header is of another form (RFC 9110, 14.2). */
const readRange = (header: string | undefined, length: number): [number, number] | 'outside' | null => {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return null;
  if (from === '') return Number(to) === 0 ? 'outside' : [Math.max(0, length - Number(to)), length - 1];
  if (Number(from) >= length || (to !== '' && Number(to) < Number(from))) return 'outside';
  return [Number(from), to === '' ? length - 1 : Math.min(Number(to), length - 1)];
};
