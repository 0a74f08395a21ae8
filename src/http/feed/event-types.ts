import { type TaskEventType } from '../../tasks/index.js';

/** Complete: a type that is missing here does not compile. */
const TYPES: Readonly<Record<TaskEventType, true>> = {
  TaskSubmitted: true,
  SubmissionStarted: true,
  SubmissionDeferred: true,
  SubmissionAccepted: true,
  SubmissionOutcomeUnknown: true,
  SubmissionPresumed: true,
  SubmissionRefused: true,
  TaskHeld: true,
  TaskResumed: true,
  CallbackReceived: true,
  StatusPolled: true,
  StatusPollFailed: true,
  TaskSucceeded: true,
  TaskFailed: true,
  TaskOverdue: true,
  TaskExpired: true,
  TaskCancelled: true,
  TaskResubmitted: true,
  ConflictingOutcomeObserved: true,
  TaskErased: true,
};

/** What the feed can be narrowed to. */
export const EVENT_TYPES = Object.keys(TYPES) as readonly TaskEventType[];
