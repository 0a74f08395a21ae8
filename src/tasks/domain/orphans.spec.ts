import { orphansOf } from './orphans.js';
import { type ConflictingOutcomeObserved, type TaskEvent } from './task.events.js';
import {
  accepted,
  cancelled,
  expired,
  failed,
  given,
  polled,
  refused,
  resubmitted,
  started,
  submitted,
  succeeded,
  unknown,
} from './testing/index.js';

const conflict = (kind: ConflictingOutcomeObserved['data']['kind'], provider_task_id: string): TaskEvent => ({
  type: 'ConflictingOutcomeObserved',
  data: { attempt: 1, kind, provider_task_id, known: null },
});

const sent = [started(1), accepted(1, 'p-1')];
const read = (status: 'finished' | 'failed', credits: number | null): TaskEvent =>
  polled(1, 'p-1', status, { file_count: 1, credits, confirming: true });

describe('orphans', () => {
  it.each<[string, TaskEvent[], object[]]>([
    ['delivered: none', [...sent, succeeded(1, 'p-1')], []],
    ['under way: none', sent, []],
    ['refused: none', [started(1), failed(1, null, 'provider_rejected')], []],
    ['failed free of charge: none', [...sent, read('failed', null), failed(1, 'p-1')], []],
    [
      'failed and charged',
      [...sent, read('failed', 2), failed(1, 'p-1')],
      [{ attempt: 1, reason: 'failed_but_charged', isCertain: true, credits: 2 }],
    ],
    [
      'outcome unknown',
      [started(1), unknown(1)],
      [{ attempt: 1, providerTaskId: null, reason: 'outcome_unknown', isCertain: false }],
    ],
    [
      'unknown, then another attempt delivered',
      [started(1), unknown(1), resubmitted(), started(2), accepted(2, 'p-2'), succeeded(2, 'p-2')],
      [{ attempt: 1, reason: 'outcome_unknown' }],
    ],
    [
      'two attempts, one delivered',
      [...sent, resubmitted(), started(2), accepted(2, 'p-2'), succeeded(2, 'p-2')],
      [{ attempt: 1, providerTaskId: 'p-1', reason: 'surplus', isCertain: false }],
    ],
    [
      'two attempts, both succeeded: the later one is the surplus, whatever its number',
      [...sent, resubmitted(), started(2), accepted(2, 'p-2'), succeeded(2, 'p-2'), read('finished', 5)],
      [{ attempt: 1, providerTaskId: 'p-1', reason: 'surplus', isCertain: true, credits: 5 }],
    ],
    ['cancelled before it was sent: none', [cancelled(false)], []],
    [
      'cancelled, and the provider finished it',
      [...sent, cancelled(), read('finished', 5)],
      [{ attempt: 1, reason: 'cancelled', isCertain: true, credits: 5 }],
    ],
    ['cancelled, and refused', [started(1), cancelled(), refused(1)], []],
    ['expired', [...sent, expired()], [{ attempt: 1, reason: 'expired', isCertain: false }]],
    [
      'finished without files',
      [...sent, failed(1, 'p-1', 'result_missing')],
      [{ attempt: 1, reason: 'result_missing', isCertain: true }],
    ],
    [
      'a second id',
      [...sent, conflict('second_id', 'p-8'), succeeded(1, 'p-1')],
      [{ attempt: 1, providerTaskId: 'p-8', reason: 'second_id', isCertain: false }],
    ],
    [
      'an id that belongs elsewhere',
      [started(1), unknown(1), conflict('id_in_use', 'p-8')],
      [
        { attempt: 1, providerTaskId: null, reason: 'outcome_unknown' },
        { attempt: 1, providerTaskId: 'p-8', reason: 'id_in_use' },
      ],
    ],
    ['refused after it was accepted: none', [...sent, conflict('refused_after_accepted', 'p-1')], []],
  ])('%s', (_, history, expected) => {
    const orphans = orphansOf(given(submitted(), ...history).task);
    expect(orphans).toHaveLength(expected.length);
    expect(orphans).toMatchObject(expected);
  });
});
