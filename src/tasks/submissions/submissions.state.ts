import { type LogPlace } from './log-place.js';
import { type RestoreSign, type SubmissionsEvent } from './submissions.events.js';

/*
 * Whether anything may be sent, as the stream tells it. Two reasons against it, lifted apart: an operator's pause, and
 * the suspicion that the log was restored to an earlier moment.
 */

export interface Suspicion {
  readonly since: Date;
  readonly signs: readonly RestoreSign[];
  /** Where the log ended when it was first suspected: later tasks were accepted by this history. */
  readonly head: number;
}

export interface LostAttempt {
  readonly taskId: string;
  readonly attempt: number;
  readonly providerTaskId: string | null;
  readonly toldBy: 'callback' | 'answer';
  readonly since: Date;
}

export interface SubmissionsState {
  readonly version: number;
  /** Where the log lay when somebody last vouched for it; null before the first worker started. */
  readonly place: LogPlace | null;
  /** Since when an operator keeps everything back. */
  readonly pausedSince: Date | null;
  readonly suspicion: Suspicion | null;
  /** The newest answer to a suspicion. */
  readonly recovered: { readonly at: Date; readonly nothingLost: boolean } | null;
  readonly lost: readonly LostAttempt[];
}

export const NEVER_STOPPED: SubmissionsState = {
  version: 0,
  place: null,
  pausedSince: null,
  suspicion: null,
  recovered: null,
  lost: [],
};

export const evolveSubmissions = (
  state: SubmissionsState,
  event: SubmissionsEvent,
  recordedAt: Date,
): SubmissionsState => {
  const next = { ...state, version: state.version + 1 };
  switch (event.type) {
    case 'LogPlaced':
      return { ...next, place: placeOf(event.data) };
    case 'SubmissionsPaused':
      return { ...next, pausedSince: recordedAt };
    case 'SubmissionsResumed':
      return { ...next, pausedSince: null };
    case 'RestoreSuspected': {
      const { since, signs, head } = state.suspicion ?? {
        since: recordedAt,
        signs: [],
        head: event.data.head,
      };
      return { ...next, suspicion: { since, signs: [...signs, ...event.data.signs], head } };
    }
    case 'LostAttemptObserved': {
      const { task_id: taskId, attempt, provider_task_id: providerTaskId, told_by: toldBy } = event.data;
      return {
        ...next,
        lost: [...state.lost, { taskId, attempt, providerTaskId, toldBy, since: recordedAt }],
      };
    }
    case 'LogRecovered':
      return {
        ...next,
        place: placeOf(event.data),
        suspicion: null,
        recovered: { at: recordedAt, nothingLost: event.data.nothing_lost },
      };
  }
};

const placeOf = (data: {
  system_identifier: string | null;
  timeline: number | null;
  database: string;
}): LogPlace => ({
  systemIdentifier: data.system_identifier,
  timeline: data.timeline,
  database: data.database,
});

/** Why nothing is sent, or null. */
export const stopReason = ({ suspicion, pausedSince }: SubmissionsState): StopReason | null => {
  if (suspicion) return 'restore_suspected';
  return pausedSince ? 'paused_by_operator' : null;
};
export type StopReason = 'restore_suspected' | 'paused_by_operator';

/** Silence when it is paused already. */
export const decidePauseSubmissions = (state: SubmissionsState): SubmissionsEvent[] =>
  state.pausedSince ? [] : [{ type: 'SubmissionsPaused', data: { because: 'operator' } }];

/** Silence when no operator has paused it. */
export const decideResumeSubmissions = (state: SubmissionsState): SubmissionsEvent[] =>
  state.pausedSince ? [{ type: 'SubmissionsResumed', data: { because: 'operator' } }] : [];

/** The place is written down once; from then on only a recovery changes it. */
export const decidePlaced = (state: SubmissionsState, place: LogPlace): SubmissionsEvent[] =>
  state.place ? [] : [{ type: 'LogPlaced', data: placeData(place) }];

/** Says each sign once per suspicion. */
export const decideSuspect = (
  state: SubmissionsState,
  signs: readonly RestoreSign[],
  head: number,
): SubmissionsEvent[] => {
  const fresh = signs.filter((sign) => !state.suspicion?.signs.includes(sign));
  return fresh.length > 0 ? [{ type: 'RestoreSuspected', data: { signs: fresh, head } }] : [];
};

/** So many lost attempts are written down: a loss of more is told by the metric of callbacks. */
export const MAX_LOST_ATTEMPTS = 1_000;

/** Evidence of a task that the log has lost. Each attempt once. */
export const decideLostAttempt = (
  state: SubmissionsState,
  lost: Omit<LostAttempt, 'since'>,
): SubmissionsEvent[] => {
  const { taskId, attempt, providerTaskId, toldBy } = lost;
  const isKnown = state.lost.some((other) => other.taskId === taskId && other.attempt === attempt);
  if (isKnown || state.lost.length >= MAX_LOST_ATTEMPTS) return [];
  return [
    {
      type: 'LostAttemptObserved',
      data: { task_id: taskId, attempt, provider_task_id: providerTaskId, told_by: toldBy },
    },
  ];
};

/** How long after a recovery that admits a loss the provider still speaks of what was lost. */
const AFTERMATH_MS = 72 * 3_600_000;

/**
 * Something about an attempt that the log does not know is old news for some days after a recovery that admitted a loss:
 * what could be sent twice was moved then. After `--nothing-lost`, or without any recovery, it is a sign.
 */
export const isExplained = ({ recovered }: SubmissionsState, now: Date): boolean =>
  recovered !== null && !recovered.nothingLost && now.getTime() - recovered.at.getTime() < AFTERMATH_MS;

export const decideRecovered = (
  place: LogPlace,
  answer: { nothingLost: boolean; upTo: number; moved: number; erased: number },
): SubmissionsEvent[] => [
  {
    type: 'LogRecovered',
    data: {
      nothing_lost: answer.nothingLost,
      up_to: answer.upTo,
      moved: answer.moved,
      erased: answer.erased,
      ...placeData(place),
    },
  },
];

const placeData = ({
  systemIdentifier,
  timeline,
  database,
}: LogPlace): { system_identifier: string | null; timeline: number | null; database: string } => ({
  system_identifier: systemIdentifier,
  timeline,
  database,
});
