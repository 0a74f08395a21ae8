import fc from 'fast-check';
import { type StatusReading } from '../ports.js';
import { rowOf } from '../read-model/task-row.js';
import { isPending, PENDING } from './instant.js';
import { type Wake } from './plan-wake.js';
import { type TaskEvent } from './task.events.js';
import { type TaskPolicy } from './task.policy.js';
import {
  evolve,
  isAwaitingConfirmation,
  isTerminal,
  isWaitedFor,
  mayHaveBeenCreated,
  newestAttempt,
  readable,
  TASK_STATUSES,
  type Task,
} from './task.state.js';
import {
  ANSWERS,
  FOREIGN_IDS,
  HOUR,
  IMAGE_TIMING,
  Life,
  perform,
  policyWith,
  questionsOf,
  randomHistory,
  readingOf,
  SECOND,
  STREAM,
  type Step,
} from './testing/index.js';

/*
 * Whatever happens to a task, in whatever order, these rules hold. Every history below is one that two processes, a slow
 * provider, forged callbacks and a hasty operator could produce.
 */

/** Slow polls, so that days pass in few steps. */
const policyOf = (unconfirmedPolicy: TaskPolicy['unconfirmedPolicy']): TaskPolicy =>
  policyWith({ unconfirmedPolicy, timingOf: () => ({ ...IMAGE_TIMING, pollCapMs: HOUR }) });

/** Checks a rule on many lives; `live` performs what happens, before it the rule may listen in. */
const everyHistory = (
  check: (life: Life, live: () => void) => void,
  parameters: { readonly numRuns?: number; readonly seed?: number } = {},
): void =>
  fc.assert(
    fc.property(randomHistory, ({ expectedFiles, unconfirmedPolicy, actions }) => {
      const life = new Life(policyOf(unconfirmedPolicy), expectedFiles);
      check(life, () => actions.forEach((action) => perform(life, action)));
    }),
    { numRuns: 500, ...parameters },
  );

const dataOf = <Type extends TaskEvent['type']>(
  steps: readonly Step[],
  type: Type,
): readonly (Extract<TaskEvent, { type: Type }>['data'] & { at: Date; index: number })[] =>
  steps.flatMap(({ event, at }, index) =>
    event.type === type ? [{ ...(event.data as object), at, index }] : [],
  ) as never;

// ------------------------------------------------------------------------------------------------- the rules

it('1. an open task has a call or a clock coming, or waits for somebody who was told', () => {
  everyHistory((life, live) => {
    life.onAppend = (_pending, task, wake) => expect(isLookedAfter(task, wake)).toBe(true);
    live();
  });
});

const isLookedAfter = (task: Task, wake: Wake | null): boolean => {
  const lane = wake?.call?.lane ?? null;
  const owesOutcome = newestAttempt(task)?.outcome === 'open';
  const hinted = task.attempts.some(isAwaitingConfirmation);
  if (task.erasedAt !== null) return lane === (owesOutcome ? 'recover' : null);
  switch (task.phase.status) {
    case 'queued':
      return lane === 'submit' || (lane === 'confirm' && hinted);
    case 'submitting':
      return lane === 'recover';
    case 'submitted':
    case 'running':
      return readable(task).length > 0 && (lane === 'poll' || lane === 'confirm');
    case 'unconfirmed':
      return wake?.clock != null || (readable(task).length > 0 && lane !== null);
    case 'held':
      return (!hinted && readable(task).length === 0) || lane !== null;
    case 'cancelled':
    case 'succeeded':
      return owesOutcome ? lane === 'recover' : (!hinted && readable(task).length === 0) || lane !== null;
    case 'expired':
      return (!hinted && readable(task).length === 0) || lane !== null;
    case 'failed':
      return !hinted || lane === 'confirm';
  }
};

it('1. what is planned is never planned from the mark of an event that has no time yet', () => {
  everyHistory((life, live) => {
    life.onAppend = () => {
      const horizon = life.now.getTime() + 100 * HOUR;
      for (const due of [life.timer?.due, life.timer?.clock])
        if (due) expect(due.getTime()).toBeLessThan(horizon);
    };
    live();
  });
});

it('1. left alone, every task ends, and then nothing is due for it any more', () => {
  const ways: readonly ((id: string) => StatusReading)[] = [
    readingOf({ status: 'finished', files: 2 }),
    readingOf({ status: 'finished', files: 1 }),
    readingOf({ status: 'finished', files: 0 }),
    readingOf({ status: 'failed', files: 0 }),
    readingOf({ status: 'running', files: 0 }),
    readingOf('not_found'),
  ];
  for (const answers of ways) {
    everyHistory((life, live) => {
      live();
      let submits = 0;
      const work = life.goOn(answers, () => ANSWERS.accepted(`p-own-${++submits}`), 1_000);
      // A held task waits for somebody; until then its older attempts are read.
      if (life.task.phase.status === 'held') return;
      expect(work).toBeLessThan(1_000);
      expect(isTerminal(life.task)).toBe(true);
      expect(life.timer?.due ?? null).toBeNull();
    });
  }
}, 60_000);

it('2. each call has its SubmissionStarted, and one after a possibly created attempt its TaskResubmitted', () => {
  everyHistory((life, live) => {
    live();
    const starts = dataOf(life.steps, 'SubmissionStarted');
    const made = [...starts, ...dataOf(life.steps, 'SubmissionPresumed')];
    const resubmits = dataOf(life.steps, 'TaskResubmitted');
    expect(life.calls).toBe(starts.length);
    starts.forEach(({ index }) => {
      const { before } = life.steps[index]!;
      for (const earlier of before!.attempts.filter(mayHaveBeenCreated)) {
        const sent = made.find((one) => one.attempt === earlier.number)!;
        // An answer that takes back an earlier "nothing was created" is the provider's contradiction, not our risk.
        if (wasRuledOut(life.steps.slice(0, index), earlier.number)) continue;
        expect(resubmits.some((one) => one.index > sent.index && one.index < index)).toBe(true);
      }
    });
  });
});

const wasRuledOut = (steps: readonly Step[], attempt: number): boolean =>
  [
    ...dataOf(steps, 'SubmissionDeferred'),
    ...dataOf(steps, 'SubmissionRefused'),
    ...dataOf(steps, 'TaskHeld'),
  ].some((one) => one.attempt === attempt);

it('2. the policy resubmits a task once', () => {
  everyHistory((life, live) => {
    live();
    expect(dataOf(life.steps, 'TaskResubmitted').filter((one) => one.by_policy).length).toBeLessThanOrEqual(
      1,
    );
  });
});

it('3. every id that an answer names is in the log under its attempt', () => {
  everyHistory((life, live) => {
    const named: [number, string][] = [];
    const outcome = life.outcome.bind(life);
    life.outcome = (number, said) => {
      const isKnown = life.task.attempts.some((one) => one.number === number);
      if (said.kind === 'accepted' && isKnown) named.push([number, said.providerTaskId]);
      return outcome(number, said);
    };
    live();
    const logged = [
      ...dataOf(life.steps, 'SubmissionAccepted'),
      ...dataOf(life.steps, 'ConflictingOutcomeObserved'),
    ];
    for (const [number, named_] of named)
      expect(logged.some((one) => one.attempt === number && one.provider_task_id === named_)).toBe(true);
  });
});

it('4. a success equals an earlier read for an id bound to that attempt, with files where they are promised', () => {
  everyHistory((life, live) => {
    live();
    for (const success of dataOf(life.steps, 'TaskSucceeded')) {
      const earlier = life.steps.slice(0, success.index);
      const isOf = (one: { attempt: number; provider_task_id: string }): boolean =>
        one.attempt === success.attempt && one.provider_task_id === success.provider_task_id;
      expect(dataOf(earlier, 'SubmissionAccepted').some(isOf)).toBe(true);
      const reads = dataOf(earlier, 'StatusPolled').filter((one) => isOf(one) && one.status === 'finished');
      const isEnough = (files: number): boolean => files > 0 || life.task.mayLackFiles;
      expect(reads.some((one) => one.file_count === success.files.length && isEnough(one.file_count))).toBe(
        true,
      );
    }
  });
});

it('4. a failure is the provider’s: two signs 5 s apart, files missing for the grace, or a refused request', () => {
  everyHistory((life, live) => {
    const rejected = new Set<number>();
    const outcome = life.outcome.bind(life);
    life.outcome = (number, said) => {
      if (said.kind === 'rejected') rejected.add(number);
      return outcome(number, said);
    };
    live();
    for (const failure of dataOf(life.steps, 'TaskFailed')) {
      const earlier = life.steps.slice(0, failure.index);
      const reads = dataOf(earlier, 'StatusPolled').filter(
        (one) => one.attempt === failure.attempt && one.provider_task_id === failure.provider_task_id,
      );
      if (failure.code === 'provider_rejected') expect(rejected.has(failure.attempt)).toBe(true);
      else if (failure.code === 'result_missing')
        expect(reads.some((one) => one.status === 'finished' && one.file_count === 0)).toBe(true);
      else expect(isTwiceFailed(earlier, failure.attempt, failure.provider_task_id!)).toBe(true);
    }
  });
});

const isTwiceFailed = (steps: readonly Step[], attempt: number, providerTaskId: string): boolean => {
  const reads = dataOf(steps, 'StatusPolled');
  const calls = dataOf(steps, 'CallbackReceived');
  const signs = [...reads, ...calls].filter(
    (one) => one.attempt === attempt && one.provider_task_id === providerTaskId && one.status === 'failed',
  );
  const confirming = reads.find(
    (one) => one.attempt === attempt && one.confirming && one.status === 'failed',
  );
  return (
    confirming !== undefined && signs.some((one) => confirming.at.getTime() - one.at.getTime() >= 5 * SECOND)
  );
};

it('5. terminal states change only by a late verdict or TaskResubmitted', () => {
  everyHistory((life, live) => {
    live();
    for (const { before, event, after } of life.steps) {
      if (!before || !isTerminal(before) || before.phase.status === after.phase.status) continue;
      const from = before.phase.status;
      const isVerdict = event.type === 'TaskSucceeded' || event.type === 'TaskFailed';
      if (isVerdict) {
        expect(event.data.late).toBe(true);
        expect(from === 'expired' || (from === 'failed' && event.type === 'TaskSucceeded')).toBe(true);
      } else {
        expect(event.type).toBe('TaskResubmitted');
        expect(['expired', 'failed']).toContain(from);
      }
    }
  });
});

it('5. what becomes of an older attempt never alters a newer one, nor the status of a task that does not wait for it', () => {
  const OUTCOMES = new Set([
    'SubmissionDeferred',
    'SubmissionAccepted',
    'SubmissionOutcomeUnknown',
    'SubmissionRefused',
    'TaskHeld',
  ]);
  everyHistory((life, live) => {
    live();
    for (const { before, event, after } of life.steps) {
      if (!before || !('attempt' in event.data) || event.type === 'TaskResubmitted') continue;
      const number = event.data.attempt;
      expect(after.attempts.filter((one) => one.number > number)).toEqual(
        before.attempts.filter((one) => one.number > number),
      );
      const isOlder = newestAttempt(before) !== undefined && newestAttempt(before)!.number > number;
      if (isOlder && OUTCOMES.has(event.type) && !isWaitedFor(before, number))
        expect(after.phase).toEqual(before.phase);
    }
  });
});

it('6. the row computed before the append, with its time filled in, is the row of the replay at every version', () => {
  everyHistory((life, live) => {
    life.onAppend = (pending, task) => {
      const filled = Object.fromEntries(
        Object.entries(rowOf(pending)).map(([name, value]) => [
          name,
          value instanceof Date && isPending(value) ? life.now : (value as unknown),
        ]),
      );
      expect(filled).toEqual(rowOf(task));
    };
    live();
    expect(replayed(life.steps)).toEqual(life.task);
  });
});

it('6b. a state made before the append holds the one instant it was given, so that its time can be told afterwards', () => {
  everyHistory((life, live) => {
    life.onAppend = (pending, task) => {
      const unknown = instantsOf(pending).filter(isPending);
      expect(unknown.length).toBeGreaterThan(0);
      for (const instant of unknown) expect(instant).toBe(PENDING);
      expect(instantsOf(task).filter(isPending)).toEqual([]);
    };
    live();
  });
});

const instantsOf = (value: unknown): Date[] => {
  if (value instanceof Date) return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(instantsOf) : [];
};

const replayed = (steps: readonly Step[]): Task | null =>
  steps.reduce<Task | null>((task, { event, at }, index) => {
    const version = index + 1;
    // What is read back from the log has lost its personal part.
    const { personal: _personal, ...stored } = event;
    const occurrence = { id: `event-${version}`, version, recordedAt: at, event: stored as TaskEvent };
    return evolve(task, occurrence, STREAM);
  }, null);

it('7. no id is bound twice, and none that belongs to another task', () => {
  everyHistory((life, live) => {
    live();
    const bound = dataOf(life.steps, 'SubmissionAccepted').map((one) => one.provider_task_id);
    expect(new Set(bound).size).toBe(bound.length);
    expect(bound.filter((one) => FOREIGN_IDS.has(one))).toEqual([]);
  });
});

it('7. nothing that is read about another task’s id is kept', () => {
  everyHistory((life, live) => {
    live();
    expect(dataOf(life.steps, 'StatusPolled').filter((one) => FOREIGN_IDS.has(one.provider_task_id))).toEqual(
      [],
    );
  });
});

it('8. after an erasure no verdict applies, nothing is sent and nothing is asked', () => {
  let erasures = 0;
  everyHistory((life, live) => {
    live();
    const [erasure] = dataOf(life.steps, 'TaskErased');
    if (!erasure) return;
    erasures++;
    const { phase } = life.steps[erasure.index]!.before!;
    expect(isTerminal(life.steps[erasure.index]!.before!)).toBe(true);
    expect(life.task.phase).toEqual(phase);
    const later = new Set(life.steps.slice(erasure.index + 1).map(({ event }) => event.type));
    for (const never of NEVER_AFTER_ERASURE) expect(later).not.toContain(never);
  });
  expect(erasures).toBeGreaterThan(10);
});

const NEVER_AFTER_ERASURE: readonly TaskEvent['type'][] = [
  'SubmissionStarted',
  'StatusPolled',
  'StatusPollFailed',
  'TaskSucceeded',
  'TaskFailed',
  'TaskResubmitted',
  'TaskErased',
];

it('a fact that is recorded again is silence', () => {
  everyHistory((life, live) => {
    const outcome = life.outcome.bind(life);
    life.outcome = (number, said) => {
      outcome(number, said);
      return outcome(number, said);
    };
    const look = life.look.bind(life);
    life.look = (says, checks) => {
      const asked = questionsOf(life.task);
      const isNews = look(says, checks);
      for (const { number, id: known } of asked)
        expect(life.decideRead(number, known, says(known))).toEqual([]);
      return isNews;
    };
    live();
    expect(replayed(life.steps)).toEqual(life.task);
  });
});

it('at most 20 bodies of callbacks are kept, and the fold counts those that were', () => {
  everyHistory((life, live) => {
    live();
    const kept = life.steps.filter(
      ({ event }) => event.type === 'CallbackReceived' && event.personal?.body_base64 !== null,
    );
    expect(life.task.callbacks.bodies).toHaveLength(kept.length);
    expect(kept.length).toBeLessThanOrEqual(20);
  });
});

it('the histories go everywhere: each status is visited', () => {
  const seen = new Set<string>();
  everyHistory(
    (life, live) => {
      live();
      for (const { after } of life.steps) seen.add(after.phase.status);
    },
    // The same histories each time: this is about them, not about the rules.
    { seed: 1, numRuns: 1_000 },
  );
  expect([...seen].sort()).toEqual([...TASK_STATUSES].sort());
});
