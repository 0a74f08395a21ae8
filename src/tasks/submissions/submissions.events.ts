/*
 * The stream that says whether anything may be sent at all: one per log. Every replica follows it.
 */

export type SubmissionsEvent =
  | {
      /** Where the log lies, as the first worker saw it. A field that the server does not tell is null. */
      readonly type: 'LogPlaced';
      readonly data: { system_identifier: string | null; timeline: number | null; database: string };
    }
  | {
      /** An operator stopped all sending. */ readonly type: 'SubmissionsPaused';
      readonly data: { because: 'operator' };
    }
  | {
      /** An operator let sending go on. A suspected restore goes on stopping it. */
      readonly type: 'SubmissionsResumed';
      readonly data: { because: 'operator' };
    }
  | {
      /** Something only a restored log explains: nothing is sent until somebody has answered. */
      readonly type: 'RestoreSuspected';
      readonly data: { signs: RestoreSign[]; head: number };
    }
  | {
      /** Something came about an attempt of a task that the log does not know at all. */
      readonly type: 'LostAttemptObserved';
      readonly data: {
        task_id: string;
        attempt: number;
        provider_task_id: string | null;
        told_by: 'callback' | 'answer';
      };
    }
  | {
      /** An operator has answered a suspected restore: sending goes on, from this place. */
      readonly type: 'LogRecovered';
      readonly data: {
        nothing_lost: boolean;
        up_to: number;
        moved: number;
        erased: number;
        system_identifier: string | null;
        timeline: number | null;
        database: string;
      };
    };

export type RestoreSign =
  | 'system_identifier'
  | 'timeline'
  | 'database'
  | 'head_behind_mark'
  | 'history_differs'
  | 'head_behind_seal'
  | 'unknown_task'
  | 'unknown_attempt'
  | 'operator';

/** The schema version each type is written with now. Older ones are upcast when they are read. */
export const SUBMISSIONS_EVENT_VERSIONS: Readonly<Record<SubmissionsEvent['type'], number>> = {
  LogPlaced: 1,
  SubmissionsPaused: 1,
  SubmissionsResumed: 1,
  RestoreSuspected: 1,
  LostAttemptObserved: 1,
  LogRecovered: 1,
};
