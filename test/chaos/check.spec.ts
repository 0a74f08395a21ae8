import { type Accepted } from './clients.js';
import { type Books, check } from './check.js';
import { type LoggedEvent, type TaskTableRow } from './database.js';
import { type Wish } from './plan.js';

/*
 * The checks of a chaos run find what they are for: books that are in order, and for each promise the same books with one
 * thing wrong.
 */

const TASK = '019ab000-0000-7000-8000-000000000001';
const MARKER = 'run1-0-';
const PROVIDER_TASK = 'task-unified-1';
const URL = `http://127.0.0.1:1/v1/callbacks/apidot/${TASK}/1/token`;

const story = (): [type: string, data: Record<string, unknown>][] => [
  ['TaskSubmitted', { idempotency_key: `key-${MARKER}` }],
  ['SubmissionStarted', { attempt: 1 }],
  ['SubmissionAccepted', { attempt: 1, provider_task_id: PROVIDER_TASK }],
  ['StatusPolled', { attempt: 1, provider_task_id: PROVIDER_TASK, status: 'finished' }],
  ['TaskSucceeded', { attempt: 1, provider_task_id: PROVIDER_TASK }],
];

const logOf = (events = story(), streamId = TASK): LoggedEvent[] =>
  events.map(([type, data], index) => ({
    position: index + 1,
    streamId,
    version: index + 1,
    type,
    actor: 'worker',
    data,
  }));

const row: TaskTableRow = {
  id: TASK,
  owner: 'owner-0',
  status: 'succeeded',
  version: 5,
  idempotencyKey: `key-${MARKER}`,
  hasTimer: false,
};

const wish: Wish = {
  number: 0,
  atMs: 0,
  owner: 0,
  model: 'gpt-image-2',
  priority: 'normal',
  isDoubled: false,
  cancelAfterMs: null,
};
const accepted: Accepted = { wish, marker: MARKER, idempotencyKey: `key-${MARKER}`, taskId: TASK };
const submit = {
  text: `{"input":{"prompt":"${MARKER} a picture"}}`,
  taskId: PROVIDER_TASK,
  callbackUrl: URL,
  answer: '200',
  fault: null,
};

const books = (change: {
  accepted?: Books['accepted'];
  events?: LoggedEvent[];
  tasks?: TaskTableRow[];
  ledger?: Partial<Books['ledger']>;
}): Books => ({
  accepted: change.accepted ?? [accepted],
  tables: { events: change.events ?? logOf(), tasks: change.tasks ?? [row] },
  ledger: {
    submits: [submit],
    callbacks: [],
    credits: { charged: 1 },
    counts: { reads: 1 },
    ...change.ledger,
  },
});

const brokenIn = (wrong: Books): string[] => [...new Set(check(wrong).map(({ promise }) => promise))];

/** The first `count` events, and the row as it then is. */
const upTo = (count: number, status: string, more: [string, Record<string, unknown>][] = []) => ({
  events: logOf([...story().slice(0, count), ...more]),
  tasks: [{ ...row, status, version: count + more.length, hasTimer: true }],
});

it('finds nothing in books that are in order', () => {
  expect(check(books({}))).toEqual([]);
});

it.each<[promise: string, wrong: Books]>([
  [
    'accepted is present',
    books({ accepted: [accepted, { ...accepted, taskId: 'gone', marker: 'run1-1-' }] }),
  ],
  ['nothing is there that nobody asked for', books({ accepted: [], ledger: { submits: [] } })],
  [
    'no intent was created twice',
    books({ ledger: { submits: [submit, { ...submit, taskId: 'task-unified-2' }] } }),
  ],
  [
    'no more calls than recorded attempts',
    books({ ledger: { submits: [submit, { ...submit, taskId: null }] } }),
  ],
  [
    'no attempt after a possibly created one, unless somebody accepted it',
    books(
      upTo(2, 'submitting', [
        ['SubmissionOutcomeUnknown', { attempt: 1 }],
        ['SubmissionStarted', { attempt: 2 }],
      ]),
    ),
  ],
  ['what may have been created says so', books(upTo(2, 'submitting'))],
  [
    'a provider id belongs to one task',
    books({ events: [...logOf(), { ...logOf()[2]!, streamId: 'another', position: 9 }] }),
  ],
  [
    'a verdict equals an earlier status answer',
    books({ ...upTo(3, 'succeeded', [['TaskSucceeded', { attempt: 1, provider_task_id: PROVIDER_TASK }]]) }),
  ],
  ['every task ended or is explainably open', books(upTo(3, 'submitted'))],
  [
    'every open task has something due or waits for somebody',
    books({ ...upTo(3, 'submitted'), tasks: [{ ...row, status: 'submitted', version: 3, hasTimer: false }] }),
  ],
  [
    'every callback that was answered 200 is recorded',
    books({ ledger: { callbacks: [{ url: URL, body: '{}', status: 200, reason: 'verdict' }] } }),
  ],
  ['the row says what the events say', books({ tasks: [{ ...row, status: 'failed' }] })],
])('finds what breaks: %s', (promise, wrong) => {
  expect(brokenIn(wrong)).toContain(promise);
});
