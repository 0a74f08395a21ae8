import { once } from 'node:events';
import { EventStore } from '../../../src/event-store/index.js';
import { type Api, type Answer } from './api.js';

export const SKETCH = { model: 'sketch', input: { prompt: 'a lighthouse' } };

/** Submits a task and answers its id. */
export const submit = async (
  api: Api,
  body: object = SKETCH,
  headers?: Record<string, string>,
): Promise<string> => {
  const { status, json, text } = await api.post('/v1/image/tasks', body, headers);
  if (status !== 202) throw new Error(`submit answered ${status}: ${text}`);
  return json.id;
};

/** Reads the feed, waiting for new events, until one of the type has come for the task; the task as it is then. */
export const afterEvent = async (api: Api, id: string, type: string): Promise<Answer> => {
  for (let after = 0; ;) {
    const { json } = await api.get(`/v1/events?after=${after}&type=${type}&wait=10`);
    if (json.data.some((event) => event.task_id === id)) return api.get(`/v1/tasks/${id}`);
    if (json.data.length === 0) throw new Error(`no ${type} of ${id} came`);
    after = json.next_after;
  }
};

/** Resolves when an answer is as wanted: asked at once, and again after each commit. */
export const untilAnswer = async (
  api: Api,
  url: string,
  isWanted: (answer: Answer) => boolean,
): Promise<Answer> => {
  const store = api.app.get(EventStore, { strict: false });
  for (;;) {
    let stop = (): void => undefined;
    const next = new Promise<void>((resolve) => (stop = store.onCommit(() => resolve())));
    try {
      const answer = await api.get(url);
      if (isWanted(answer)) return answer;
      await next;
    } finally {
      stop();
    }
  }
};

/** Resolves with the first bytes that a server answers on a socket. */
export const firstAnswer = async (socket: NodeJS.ReadableStream): Promise<string> => {
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  return bytes.toString();
};
