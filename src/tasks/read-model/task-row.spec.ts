import { isPending, PENDING } from '../domain/instant.js';
import { type TaskEvent } from '../domain/task.events.js';
import { TASK_STATUSES } from '../domain/task.state.js';
import {
  accepted,
  after,
  called,
  cancelled,
  deferred,
  expired,
  failed,
  given,
  held,
  HOUR,
  overdue,
  polled,
  refused,
  resubmitted,
  SECOND,
  started,
  submitted,
  succeeded,
  unknown,
  type Moment,
} from '../domain/testing/index.js';
import { taskChange, taskDocument, type TaskChange } from './task-document.js';
import { rowOf, type TaskRow } from './task-row.js';
import { viewOf, type OpenedParts } from './task-view.js';

const NOTHING: OpenedParts = { intent: null, outcome: null };
const known = given(submitted(), started(1), after(SECOND), accepted(1, 'p-1'));

/** One history that visits every status. */
const HISTORIES: readonly (readonly TaskEvent[])[] = [
  [submitted(), started(1), deferred(1), started(2), held(2), cancelled()],
  [
    submitted(),
    overdue(),
    started(1),
    unknown(1),
    called(1, 'p-1', 'finished'),
    accepted(1, 'p-1'),
    succeeded(1, 'p-1'),
  ],
  [
    submitted(),
    started(1),
    accepted(1, 'p-1'),
    polled(1, 'p-1', 'running', { progress: 40 }),
    expired(),
    resubmitted(),
    started(2),
    refused(2),
  ],
  [
    submitted({ expected_files: 4 }),
    started(1),
    accepted(1, 'p-1'),
    polled(1, 'p-1', 'finished', { file_count: 2 }),
    failed(1, 'p-1'),
  ],
];

/** The row with the time that the database puts in the place of the mark. */
const stored = (row: TaskRow, recordedAt: Date): TaskRow =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value instanceof Date && isPending(value) ? recordedAt : (value as unknown),
    ]),
  ) as unknown as TaskRow;

describe('the row of a task', () => {
  it('computed before its last event had a time equals that of the replay, at every version', () => {
    const seen = new Set<string>();
    for (const history of HISTORIES) {
      for (let version = 1; version <= history.length; version++) {
        const before = given(...history.slice(0, version - 1), after(SECOND));
        const event = history[version - 1]!;
        const live = stored(rowOf(before.storing(event).task), before.now);
        const replayed = rowOf(before.and(event).task);
        expect(live).toEqual(replayed);
        seen.add(replayed.status);
      }
    }
    expect([...seen].sort()).toEqual([...TASK_STATUSES].sort());
  });

  it('says since when: sent, read, held, ended', () => {
    const moment = known.and(after(HOUR), polled(1, 'p-1', 'running'), after(HOUR), succeeded(1, 'p-1'));
    expect(rowOf(moment.task)).toMatchObject({
      submittedAt: known.now,
      lastPolledAt: new Date(known.now.getTime() + HOUR),
      completedAt: moment.now,
      updatedAt: moment.now,
      heldSince: null,
    });
    const waiting = given(submitted(), started(1), after(HOUR), held(1));
    expect(rowOf(waiting.task).heldSince).toEqual(waiting.now);
  });

  it('carries the sealed parts of the intent and of the outcome by the events that sealed them', () => {
    expect(rowOf(known.task)).toMatchObject({ intentEvent: 'event-1', outcomeEvent: null });
    expect(rowOf(known.and(succeeded(1, 'p-1')).task).outcomeEvent).toBe('event-4');
    expect(rowOf(known.and(failed(1, 'p-1')).task).outcomeEvent).toBe('event-4');
    expect(rowOf(given(submitted(), started(1), held(1)).task).outcomeEvent).toBe('event-3');
    expect(rowOf(given(submitted(), started(1), held(1), cancelled()).task).outcomeEvent).toBeNull();
  });

  it.each([
    ['held', [started(1), held(1)], 'insufficient_credits'],
    ['unconfirmed', [started(1), unknown(1)], 'submission_unconfirmed'],
    ['failed', [started(1), failed(1, null, 'provider_rejected')], 'provider_rejected'],
    ['expired', [started(1), unknown(1), expired('unconfirmed')], 'expired'],
    ['cancelled', [cancelled()], null],
    ['queued', [], null],
  ])('says what is wrong while it is %s', (_status, facts, code) => {
    expect(rowOf(given(submitted(), ...facts).task).facts.error).toBe(code);
  });

  it('is overdue only while it is open', () => {
    expect(rowOf(known.and(overdue()).task).facts.overdue).toBe(true);
    expect(rowOf(known.and(overdue(), succeeded(1, 'p-1')).task).facts.overdue).toBe(false);
  });

  it('shows the attempt that succeeded, else the newest with an id, else the newest', () => {
    const shown = (...facts: TaskEvent[]): unknown => rowOf(known.and(...facts).task).facts.provider_task_id;
    const second = [expired(), resubmitted(), started(2)];
    expect(shown(...second)).toBe('p-1');
    expect(shown(...second, accepted(2, 'p-2'))).toBe('p-2');
    expect(shown(...second, accepted(2, 'p-2'), succeeded(1, 'p-1'))).toBe('p-1');
    expect(rowOf(given(submitted(), started(1)).task).facts).toMatchObject({
      account: 'account-1',
      attempts: 1,
    });
  });

  it('names the account that holds the task, not that of an older attempt', () => {
    const holding = held(2);
    const elsewhere = known.and(expired(), resubmitted(), started(2), {
      ...holding,
      data: { ...holding.data, account: 'account-2' },
    } as TaskEvent);
    expect(rowOf(elsewhere.task).facts.account).toBe('account-2');
  });

  it.each([
    ['as it was read last', [polled(1, 'p-1', 'running', { raw_status: 'processing' })], 'processing'],
    ['of a verdict from a callback', [polled(1, 'p-1', 'running'), succeeded(1, 'p-1')], 'finished'],
    ['of a failure from a callback', [failed(1, 'p-1')], 'failed'],
    [
      'of files that never came',
      [polled(1, 'p-1', 'finished', { raw_status: 'success' }), failed(1, 'p-1', 'result_missing')],
      'success',
    ],
    ['not yet', [], null],
  ])('shows the provider’s word %s', (_title, facts, word) => {
    expect(rowOf(known.and(...facts).task).facts.provider_status).toBe(word);
  });

  it('shows no word of the provider about what it never created', () => {
    const rejected = given(submitted(), started(1), failed(1, null, 'provider_rejected'));
    expect(rowOf(rejected.task).facts).toMatchObject({ provider_task_id: null, provider_status: null });
  });

  it('says after a cancellation whether it may be charged', () => {
    expect(rowOf(known.task).facts.may_be_charged).toBeNull();
    expect(rowOf(known.and(cancelled(true)).task).facts.may_be_charged).toBe(true);
    expect(rowOf(given(submitted(), cancelled(false)).task).facts.may_be_charged).toBe(false);
  });
});

describe('what an append changes beside the log', () => {
  const written = (moment: Moment, ...events: TaskEvent[]): TaskChange => {
    const pending = moment.storing(...events);
    const first = moment.task.version + 1;
    const stored = events.map((_, index) => ({ id: `event-${first + index}` }));
    return taskChange(pending.task, pending.wake(), events, stored, null, null);
  };

  it('is a new row only with the intent', () => {
    const begun = given().storing(submitted());
    expect(taskChange(begun.task, begun.wake(), [submitted()], [{ id: 'event-1' }], null, null).isNew).toBe(
      true,
    );
    expect(written(given(submitted()), started(1)).isNew).toBe(false);
  });

  it('names the provider id that its events bind', () => {
    expect(written(given(submitted(), started(1)), accepted(1, 'p-1')).bound).toMatchObject({
      account: 'account-1',
      provider_task_id: 'p-1',
      attempt: 1,
    });
    expect(written(known, polled(1, 'p-1', 'running')).bound).toBeNull();
  });

  it('points to the event whose sealed part is the outcome: one of its own, the one it has, or none', () => {
    const done = [polled(1, 'p-1', 'finished', { confirming: true, file_count: 1 }), succeeded(1, 'p-1')];
    expect(written(known, ...done).outcomeVersion).toBe(5);
    expect(
      written(known.and(failed(1, 'p-1')), called(1, 'p-1', 'failed', 'superseded')).outcomeVersion,
    ).toBeNull();
    expect(written(known.and(failed(1, 'p-1')), resubmitted()).outcomeVersion).toBe(0);
  });

  it('leaves the time of the append to the database', () => {
    const document = taskDocument(written(given(submitted(), started(1)), accepted(1, 'p-1')));
    expect(document).toContain('infinity');
    expect(document).not.toContain(PENDING.toISOString());
  });

  it('says of a plan whether it stands, and of a clock when it rings', () => {
    const fields = (change: TaskChange): string[] => taskDocument(change).split('\u001f');
    expect(fields(written(given(submitted(), started(1)), accepted(1, 'p-1')))).toEqual(
      expect.arrayContaining(['set', 'poll', '5250', '2026-01-01T00:10:00.000Z']),
    );
    expect(fields(written(known, called(1, 'p-2', 'finished', 'mismatched')))).toContain('keep');
    expect(written(known, succeeded(1, 'p-1')).wake).toBeNull();
  });

  it('notes the look that led to it', () => {
    const pending = known.storing(polled(1, 'p-1', 'running'));
    const look = { checks: 3, misses: 1 };
    const change = taskChange(pending.task, pending.wake({ checks: 3 }), [], [], look, null);
    expect(taskDocument(change).split('\u001f').slice(-7, -1)).toEqual(['3', '1', '1', '', '', '']);
  });

  it.each([
    ['high', '0'],
    [undefined, '1'],
    ['low', '2'],
  ] as const)(
    'of priority %s has the rank %s; the row of a usual one is as before there were any',
    (priority, rank) => {
      const change = written(given(submitted({ ...(priority && { priority }) })), started(1));
      expect(taskDocument(change).split('\u001f').at(-1)).toBe(rank);
      expect(change.row.facts.priority).toBe(priority);
      expect('priority' in change.row.facts).toBe(priority !== undefined);
    },
  );
});

describe('the view of a task', () => {
  it('opens the personal parts, file by file', () => {
    const done = known.and({
      ...succeeded(1, 'p-1'),
      data: {
        attempt: 1,
        provider_task_id: 'p-1',
        credits: 4.5,
        late: false,
        expected_files: 1,
        files: [{ type: 'image', label: null, format: 'png', content_type: null, size: null }],
      },
    } as TaskEvent);
    const view = viewOf(
      rowOf(done.task),
      { intent: { input: { prompt: 'x' }, metadata: { order: '17' } }, outcome: { urls: ['https://f/1'] } },
      null,
    );
    expect(view).toMatchObject({
      input: { prompt: 'x' },
      metadata: { order: '17' },
      progress: 100,
      result: { credits: 4.5, files: [{ url: 'https://f/1', format: 'png' }] },
      error: null,
    });
  });

  it('shows after an erasure that there was something, and nothing of it', () => {
    const view = viewOf(rowOf(known.and(failed(1, 'p-1')).task), NOTHING, null);
    expect(view).toMatchObject({ input: null, metadata: null, error: { code: 'provider_failed' } });
    expect(view.error!.message).toMatch(/failed/);
  });

  it('prefers the provider’s words about a failure', () => {
    const row = rowOf(known.and(failed(1, 'p-1')).task);
    expect(viewOf(row, { intent: null, outcome: { message: 'Too dark' } }, null).error).toEqual({
      code: 'provider_failed',
      message: 'Too dark',
      retryable: true,
    });
  });

  it('says of what the provider refused that trying again is no use', () => {
    const row = rowOf(given(submitted(), started(1), failed(1, null, 'provider_rejected')).task);
    expect(viewOf(row, NOTHING, null).error!.retryable).toBe(false);
  });

  it('was checked with the last look while it is open, and with the last recorded read after the end', () => {
    const looked = new Date(known.now.getTime() + HOUR);
    const read = known.and(polled(1, 'p-1', 'running'));
    expect(viewOf(rowOf(read.task), NOTHING, looked).lastCheckedAt).toEqual(looked);
    expect(viewOf(rowOf(read.task), NOTHING, null).lastCheckedAt).toEqual(read.now);
    expect(viewOf(rowOf(read.and(expired()).task), NOTHING, looked).lastCheckedAt).toEqual(read.now);
  });
});
