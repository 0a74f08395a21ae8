import { callbackToken } from '../../src/callbacks/callback-token.js';
import { type LoadOptions } from '../support/load.js';
import { type SeededTask, seedSubmittedTasks } from '../support/seed.js';
import { submitTasks } from './submit-tasks.js';
import { CALLBACK_SECRET, type Side, type Stage, type StageOptions } from './stage.js';

type Next = LoadOptions['next'];

/** What is asked of each side in one measurement. */
export interface Requests {
  readonly next: Readonly<Partial<Record<Side, Next>>>;
  /** Before each slice of ours. */
  readonly prepare?: () => Promise<void>;
  /** Told at the end, if there is anything that the figures do not say. */
  readonly remark?: () => string | null;
}

export interface Subject {
  readonly name: string;
  /** Ratio to the bare server. */
  readonly goal: number;
  readonly stage: Omit<StageOptions, 'inspect'>;
  /** When something else than a round of the usual length is needed. */
  readonly slices?: { readonly seconds: number; readonly rounds: number };
  /** @param seconds of load on our side, all rounds together */
  readonly open: (stage: Stage, seconds: number) => Promise<Requests>;
}

const PROMPT = 'A red bicycle leaning against a white wall, soft daylight, long shadows, wide angle';
/** As far away as a real one. */
const FAR = { submitLatencyMs: 500, statusLatencyMs: 200, faults: [] };
const JSON_TYPE = { 'content-type': 'application/json' };

const quietly = (): void => undefined;

let count = 0;
const submitBody = (): string =>
  JSON.stringify({ model: 'gpt-image-2', input: { prompt: `${PROMPT} ${count++}` } });
const callbackBody = (providerId: string): string =>
  JSON.stringify({
    code: 200,
    data: {
      task_id: providerId,
      status: 'finished',
      files: [{ file_url: `https://files.example/${providerId}.png`, file_type: 'image' }],
      created_time: '2026-04-19T21:19:42',
      progress: 100,
      error_message: null,
    },
  });

const submitTo = (key: string): Next => {
  const headers = { authorization: `Bearer ${key}`, ...JSON_TYPE };
  return () => ({ method: 'POST', path: '/v1/image/tasks', body: submitBody(), headers });
};
/** The bare servers store what ours is sent. */
const row = (body: () => string): Next => {
  return () => ({ method: 'POST', path: '/rows', body: body(), headers: JSON_TYPE });
};
const bareCallback = row(() => callbackBody(`task-unified-${count++}`));

/** Callback URLs of tasks, as the provider got them with the submit. */
const callbackPaths = async (stage: Stage, tasks: readonly SeededTask[]): Promise<string[]> => {
  const { rows } = await stage.pool.query<{ id: string }>('select id from log_identity');
  return tasks.map(({ id }) => {
    const token = callbackToken(CALLBACK_SECRET, { logId: rows[0]!.id, taskId: id, attempt: 1 });
    return `/v1/callbacks/apidot/${id}/1/${token}`;
  });
};

/** One callback for each task, and again from the first when there are no more. */
class Callbacks {
  private tasks: readonly SeededTask[] = [];
  private paths: readonly string[] = [];
  private at = 0;
  private mostMissing = 0;

  async take(stage: Stage, tasks: readonly SeededTask[]): Promise<void> {
    this.paths = await callbackPaths(stage, tasks);
    this.tasks = tasks;
    this.at = 0;
  }

  readonly next: Next = () => {
    const index = this.at++ % this.tasks.length;
    this.mostMissing = Math.max(this.mostMissing, this.at - this.tasks.length);
    return {
      method: 'POST',
      path: this.paths[index]!,
      body: callbackBody(this.tasks[index]!.providerId),
      headers: JSON_TYPE,
    };
  };

  readonly remark = (): string | null =>
    this.mostMissing > 0
      ? `${this.mostMissing} callbacks too many: they met tasks that had one already`
      : null;
}

/** More than a slice takes; with those of the slice before it less than a server keeps in memory (50,000 states and keys). */
const TASKS_PER_SLICE = 19_000;

export const SUBJECTS: readonly Subject[] = [
  {
    name: 'submit',
    goal: 1,
    stage: { provider: FAR, settings: {} },
    open: async (stage) => {
      const { key } = await seedSubmittedTasks(stage.databaseUrl, 100, quietly);
      return { next: { ours: submitTo(key), bare: row(submitBody), grouped: row(submitBody) } };
    },
  },
  {
    // What this server has submitted itself, a moment ago.
    name: 'callback intake, known tasks',
    goal: 1.5,
    // Submits are answered at once, or making tasks would take longer than measuring.
    stage: {
      provider: { ...FAR, submitLatencyMs: 5, faults: ['callback-never'] },
      settings: { SUBMIT_CONCURRENCY: '64' },
    },
    slices: { seconds: 4, rounds: 4 },
    open: async (stage) => {
      const { key } = await seedSubmittedTasks(stage.databaseUrl, 100, quietly);
      const callbacks = new Callbacks();
      return {
        next: { ours: callbacks.next, bare: bareCallback, grouped: bareCallback },
        prepare: async () => callbacks.take(stage, await submitTasks(stage, TASKS_PER_SLICE, submitTo(key))),
        remark: callbacks.remark,
      };
    },
  },
  {
    // What another process has submitted.
    name: 'callback intake, unknown tasks',
    goal: 1.5,
    stage: { provider: FAR, settings: {} },
    open: async (stage, seconds) => {
      const { tasks } = await seedSubmittedTasks(stage.databaseUrl, seconds * 5_000, quietly);
      const callbacks = new Callbacks();
      await callbacks.take(stage, tasks);
      return {
        next: { ours: callbacks.next, bare: bareCallback, grouped: bareCallback },
        remark: callbacks.remark,
      };
    },
  },
  {
    name: 'task read',
    goal: 0.5,
    stage: { provider: FAR, settings: {} },
    open: async (stage) => {
      const { key, tasks } = await seedSubmittedTasks(stage.databaseUrl, 10_000, quietly);
      await stage.pool.query(`insert into bare (body) select $1::jsonb from generate_series(1, 10000)`, [
        submitBody(),
      ]);
      const headers = { authorization: `Bearer ${key}` };
      let next = 0;
      return {
        next: {
          ours: () => ({ method: 'GET', path: `/v1/tasks/${tasks[next++ % tasks.length]!.id}`, headers }),
          bare: () => ({ method: 'GET', path: `/rows/${1 + (next++ % 10_000)}`, headers: {} }),
        },
      };
    },
  },
];
