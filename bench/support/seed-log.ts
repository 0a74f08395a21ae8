import { randomBytes } from 'node:crypto';
import { type Pool } from 'pg';
import { AppendCall } from '../../src/event-store/append-call.js';
import { type NewEvent } from '../../src/event-store/index.js';
import { prepareAppend, type PreparedAppend } from '../../src/event-store/prepared-append.js';
import { uuidv7 } from '../../src/shared/ids.js';
import { PENDING } from '../../src/tasks/domain/instant.js';
import { planWake } from '../../src/tasks/domain/plan-wake.js';
import { TASK_EVENT_VERSIONS, type TaskEvent } from '../../src/tasks/domain/task.events.js';
import { evolve, type Task } from '../../src/tasks/domain/task.state.js';
import { POLICY } from '../../src/tasks/domain/testing/index.js';
import { taskChange, taskDocument } from '../../src/tasks/read-model/task-document.js';

/** Tasks that are open at a time: how far apart the events of one task lie. */
const OPEN = 3_000;
const COMMANDS_PER_BATCH = 1_000;

export interface SeedOptions {
  readonly schema: string;
  /** It stops at the first whole batch beyond so many. */
  readonly events: number;
  readonly tell: (written: number) => void;
}

/**
 * Lets a log grow by lives of tasks, interleaved as many callers leave them, through append_events: hashes, chain and
 * streams are what a server writes, and `audit verify` finds nothing. Sealed parts are random bytes. No rows are written: a
 * rebuild makes those of a large log sooner.
 */
export const seedLog = async (pool: Pool, { schema, events, tell }: SeedOptions): Promise<void> => {
  const call = new AppendCall(schema, []);
  const open: Life[] = [];
  let written = 0;
  let told = 0;
  // While the database writes a batch, the next one is made.
  let writing: Promise<unknown> = Promise.resolve();
  while (written < events) {
    while (open.length < OPEN) open.push(new Life());
    const commands = choose(open).map((life) => life.nextWithoutRow());
    const values = call.values('seed', true, commands);
    await writing;
    writing = pool.query({ name: call.name, text: call.text, values, rowMode: 'array' });
    // Its failure is met by whoever waits for it.
    writing.catch(() => undefined);
    written += commands.reduce((sum, { request }) => sum + request.events.length, 0);
    for (let index = open.length - 1; index >= 0; index--) if (open[index]!.isOver) open.splice(index, 1);
    if (written - told >= 100_000) tell((told = written));
  }
  await writing;
};

/** A random part of the open ones, each at most once. */
const choose = (open: Life[]): Life[] => {
  for (let n = 0; n < COMMANDS_PER_BATCH; n++) {
    const other = n + Math.floor(Math.random() * (open.length - n));
    [open[n], open[other]] = [open[other]!, open[n]!];
  }
  return open.slice(0, COMMANDS_PER_BATCH);
};

/** A task from its intent to its files, append by append. */
export class Life {
  private readonly id = uuidv7();
  private readonly owner = `owner-${Math.floor(Math.random() * 50)}`;
  private readonly providerId = `task-unified-1757165031-${this.id.slice(-12)}`;
  private readonly appends: TaskEvent[][] = this.story();
  private readonly identity = { id: this.id, owner: this.owner, correlationId: this.id };
  private version = 0;
  private task: Task | null = null;
  private after!: (recordedAt: Date) => Task;

  get isOver(): boolean {
    return this.appends.length === 0;
  }

  /** The append that was taken last is in the log. */
  stored(recordedAt: Date): void {
    this.task = this.after(recordedAt);
  }

  /** The next append, with the change of its row as a server makes it. */
  next(): PreparedAppend {
    const events = this.appends.shift()!;
    const toStore = newEvents(events);
    const after = (recordedAt: Date): Task =>
      events.reduce<Task | null>((task, event, index) => {
        const version = (task?.version ?? 0) + 1;
        return evolve(task, { id: toStore[index]!.id, version, recordedAt, event }, this.identity);
      }, this.task)!;
    this.after = after;
    const task = after(PENDING);
    const wake = planWake(task, { dice: 0.5, checks: null }, POLICY);
    return this.prepare(toStore, taskDocument(taskChange(task, wake, events, toStore, null, null)));
  }

  /** The next append for the log alone. None with a row may follow in this life. */
  nextWithoutRow(): PreparedAppend {
    return this.prepare(newEvents(this.appends.shift()!), null);
  }

  private prepare(events: readonly NewEvent[], document: string | null): PreparedAppend {
    const expected = this.version === 0 ? 'none' : this.version;
    this.version += events.length;
    return prepareAppend({
      streamId: this.id,
      expected,
      events,
      owner: this.owner,
      actor: 'bench',
      correlationId: this.id,
      causationId: null,
      document,
    });
  }

  private story(): TaskEvent[][] {
    const isFailed = Math.random() < 0.1;
    const word = isFailed ? 'failed' : 'finished';
    const [bodyDigest, meaning] = [hex(32), hex(32)];
    const callback: TaskEvent = {
      type: 'CallbackReceived',
      data: {
        attempt: 1,
        verdict: 'accepted',
        provider_task_id: this.providerId,
        status: word,
        raw_status: word,
        body_sha256: bodyDigest,
        body_bytes: 412,
        meaning,
        headers: { 'content-type': 'application/json', 'user-agent': 'apidot/1.0' },
      },
      personal: { body_base64: null },
    };
    const polled: TaskEvent = {
      type: 'StatusPolled',
      data: {
        attempt: 1,
        provider_task_id: this.providerId,
        status: word,
        raw_status: word,
        progress: 100,
        file_count: isFailed ? 0 : 1,
        credits: 4.5,
        source: 'status',
        confirming: true,
      },
      personal: { message: null, files: null },
    };
    const ending: TaskEvent = isFailed
      ? {
          type: 'TaskFailed',
          data: {
            attempt: 1,
            provider_task_id: this.providerId,
            code: 'provider_failed',
            http_status: null,
            credits: 4.5,
            late: false,
          },
          personal: { message: null },
        }
      : {
          type: 'TaskSucceeded',
          data: {
            attempt: 1,
            provider_task_id: this.providerId,
            credits: 4.5,
            late: false,
            files: [{ type: 'image', label: null, format: null, content_type: null, size: null }],
            expected_files: 1,
          },
          personal: { urls: [] },
        };
    return [
      [
        {
          type: 'TaskSubmitted',
          data: {
            domain: 'image',
            model: 'gpt-image-2',
            mode: 'text-to-image',
            fingerprint: hex(32),
            idempotency_key: Math.random() < 0.5 ? `order-${this.id.slice(-12)}` : null,
            expected_files: 1,
            metadata_digests: Math.random() < 0.3 ? [hex(16)] : [],
          },
          personal: { input: {}, metadata: null, notify_url: null },
        },
      ],
      [{ type: 'SubmissionStarted', data: { attempt: 1, account: 'bench', callback: true } }],
      [
        {
          type: 'SubmissionAccepted',
          data: {
            attempt: 1,
            provider_task_id: this.providerId,
            account: 'bench',
            learned_from: 'answer',
            note: null,
          },
        },
      ],
      [callback],
      [polled, ending],
    ];
  }
}

/** About what a prompt, the body of a callback and the URL of a file take when they are sealed. */
const SEALED_BYTES: Readonly<Partial<Record<TaskEvent['type'], number>>> = {
  TaskSubmitted: 350,
  CallbackReceived: 480,
  StatusPolled: 160,
  TaskSucceeded: 140,
};

const newEvents = (events: readonly TaskEvent[]): NewEvent[] =>
  events.map(({ type, data, personal }) => ({
    id: uuidv7(),
    type,
    schemaVersion: TASK_EVENT_VERSIONS[type],
    data: data as unknown as NewEvent['data'],
    sealed: personal ? sealed(SEALED_BYTES[type] ?? 60) : null,
  }));

/** Parts of it are as good as new ones, and cost nothing. */
const NOISE = randomBytes(1024 * 1024);
const noise = (bytes: number): Buffer => {
  const from = Math.floor(Math.random() * (NOISE.length - bytes));
  return NOISE.subarray(from, from + bytes);
};

const AES_256_GCM = Buffer.of(1);
const sealed = (bytes: number): Buffer => Buffer.concat([AES_256_GCM, noise(bytes - 1)]);
const hex = (bytes: number): string => noise(bytes).toString('hex');
