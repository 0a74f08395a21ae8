import { type JsonObject } from '../shared/json.js';

/*
 * What the core asks of others: kinds (what a valid request is) and a provider (who does the work).
 */

// ------------------------------------------------------------------------------------------------ kinds

/** One thing wrong with an input. */
export interface Violation {
  /** JSON pointer from the root of the request body, e.g. `/input/duration`. */
  readonly pointer: string;
  /** Stable word: `required`, `type`, `enum`, `min`, `max`, `unknown_field`, `requires`, `exclusive` … */
  readonly code: string;
  /** A sentence that names what is allowed. */
  readonly message: string;
}

/** A provider id inside an input: must come from a succeeded task of the same owner. */
export interface ForeignReference {
  readonly pointer: string;
  readonly kind: 'task' | 'audio' | 'persona';
  readonly value: string;
}

export type InputVerdict =
  | {
      readonly valid: true;
      readonly mode: string;
      /** How many result files a complete answer has; 0 when it is in words, null when nobody knows. */
      readonly expectedFiles: number | null;
      /**
       * Finished without any file is no failure: the answer is in words, or nobody knows how its files are named.
       * Default false.
       */
      readonly mayLackFiles?: boolean;
      readonly references: readonly ForeignReference[];
    }
  | { readonly valid: false; readonly violations: readonly Violation[] };

/** What the catalogue shows of one mode of a model. */
export interface ModelMode {
  readonly mode: string;
  /** JSON Schema (draft 2020-12) of `input`. */
  readonly inputSchema: JsonObject;
  readonly exampleInput: JsonObject;
  /** How many files: a number, the name of the input field that says it, or null when nobody publishes it. */
  readonly result: { readonly fileType: string; readonly count: number | string | null };
}

export interface ModelDefinition {
  /** The name on the wire. */
  readonly model: string;
  readonly family: string;
  readonly availability: 'apidot-documented' | 'apidot-client-code' | 'apidot-family-listed' | 'poyo-only';
  readonly modes: readonly ModelMode[];
  /** Pure, never throws, whatever the value is. Reports all violations at once. */
  check(input: unknown): InputVerdict;
}

/** How long things of this kind take; all in milliseconds. */
export interface KindTiming {
  /** First status read when no callback is expected. */
  readonly firstPollMs: number;
  /** Longest pause between two reads. */
  readonly pollCapMs: number;
  /** Usual duration: with a callback expected, the first read happens when this has passed. */
  readonly usualMs: number;
  /** After this the owner is told that the task is overdue. */
  readonly overdueMs: number;
}

/** A kind of media, as a domain module registers it with the core when Nest starts. */
export interface Kind {
  /** The word in routes and tasks: `image`, `video`, `music`, `3d`. */
  readonly domain: string;
  readonly timing: KindTiming;
  /** The provider keeps a second, richer answer for results of this kind (music detail). */
  readonly hasDetail: boolean;
  readonly models: readonly ModelDefinition[];
}

// --------------------------------------------------------------------------------------------- provider

export interface ResultFile {
  readonly url: string;
  readonly type: string;
  readonly label: string | null;
  readonly format: string | null;
  readonly contentType: string | null;
  readonly size: number | null;
  /** The provider's own id of the file, which follow-up models ask for (`audio_id`). */
  readonly providerFileId?: string | null;
}

/** What came of one submit call. `message` is the provider's own text: personal, never logged, never branched on. */
export type SubmitOutcome =
  | {
      readonly kind: 'accepted';
      readonly providerTaskId: string;
      /** something odd about the answer */ readonly note: string | null;
    }
  | {
      /** Certainly not created; may be sent again. */
      readonly kind: 'deferred';
      readonly reason: 'not_sent' | 'unreachable' | 'rate_limited' | 'breaker_open';
      readonly retryAfterMs: number | null;
      readonly message: string | null;
    }
  | {
      /** Certainly not created; never resent unchanged. */ readonly kind: 'rejected';
      readonly httpStatus: number;
      readonly code: number | null;
      readonly message: string | null;
    }
  | {
      /** Certainly not created; somebody must act on the account or the model. */
      readonly kind: 'held';
      readonly reason: 'provider_auth' | 'insufficient_credits' | 'model_forbidden' | 'unrecognised_refusal';
      readonly message: string | null;
    }
  | {
      /** May or may not have created a paid task. */
      readonly kind: 'unknown';
      /** `timeout`, `connection_lost`, `server_error`, `redirect`, `unreadable_answer`, `no_task_id`, `unusable_task_id`, `unexpected_answer` */
      readonly reason: string;
      readonly httpStatus: number | null;
      readonly message: string | null;
    };

/** The provider's status words after normalisation. An unknown word is `pending`, with the raw text kept. */
export type ProviderStatus = 'pending' | 'running' | 'finished' | 'failed';

/** What the provider says of one of its tasks, from a status read, a detail read or a callback. */
export interface ProviderReport {
  readonly providerTaskId: string;
  readonly status: ProviderStatus;
  /** As received, at most 100 characters. */
  readonly rawStatus: string;
  /** False when the word is in none of our tables. */
  readonly knownWord: boolean;
  /** 0 to 100. */
  readonly progress: number | null;
  readonly files: readonly ResultFile[];
  readonly credits: number | null;
  /** The provider's own text of a failure: personal. */
  readonly message: string | null;
  /** A result in words was found: lyrics, timestamps, a style, a persona's id. */
  readonly hasWords: boolean;
  /** What was read, as received: one object, or two when there is a detail. Personal. Left out when too large to keep. */
  readonly answers: readonly JsonObject[];
}

export type StatusReading =
  | { readonly kind: 'read'; readonly report: ProviderReport }
  | {
      readonly kind: 'unread';
      /** `id_mismatch`: the body names another id than asked. `not_asked`: breaker or pace said no, nothing was sent. */
      readonly class:
        | 'not_found'
        | 'auth'
        | 'credits'
        | 'forbidden'
        | 'rate_limited'
        | 'timeout'
        | 'transport'
        | 'server_error'
        | 'unreadable'
        | 'refused'
        | 'id_mismatch'
        | 'not_asked';
      readonly httpStatus: number | null;
      readonly retryAfterMs: number | null;
    };

export type CallbackReading =
  | { /** No JSON object, or no task id, or no status in it. */ readonly kind: 'malformed' }
  | { readonly kind: 'report'; readonly report: ProviderReport };

export type Operation = 'submit' | 'status';

/** May a call be made now? A granted one has taken its rate token. */
export type Admission =
  | { readonly granted: true }
  | {
      readonly granted: false;
      readonly reason: 'breaker_open' | 'slowed_down' | 'rate';
      readonly retryInMs: number;
    };

export interface SubmitCall {
  readonly model: string;
  readonly input: JsonObject;
  readonly callbackUrl: string | null;
  /** Asked right before the first byte; false: nothing is sent and the outcome is `deferred` / `not_sent`. */
  readonly mayStart: () => boolean;
}

export interface ReadOptions {
  /** False for tasks whose reads keep timing out: they say nothing about the provider. Default true. */
  readonly countsForBreaker?: boolean;
  /** True: waits for the whole timeout. Default: a read that takes much longer than others of late may be given up. */
  readonly isPatient?: boolean;
}

export interface ProviderCondition {
  readonly breakers: Readonly<Record<Operation, 'closed' | 'open' | 'recovering'>>;
  /** How long a 429 keeps the account waiting, from now; 0 for not at all. */
  readonly pausedForMs: number;
}

/** One call to the provider that was really made. */
export interface ProviderCall {
  readonly operation: Operation;
  /** `accepted`, `rejected`, the status that was read, or the reason or class of any other outcome: a word of ours. */
  readonly outcome: string;
  /** From asking to the last byte of the answer, milliseconds. */
  readonly durationMs: number;
}

/** What metrics and logs may want to know of a provider. Called synchronously; implementations are quick and never throw. */
export interface ProviderObserver {
  callEnded?(call: ProviderCall): void;
  /** The provider used a status word that is in none of our tables; it was taken as pending. */
  unknownStatusWord?(word: string): void;
}

/**
 * Somebody who generates media for money. Implementations translate the wire; they decide nothing about tasks.
 *
 * None of the calls throws for anything the network or the provider does: every ugliness is an outcome.
 */
export abstract class Provider {
  abstract readonly name: string;
  /** Which account pays: a fingerprint of the key, safe to store and show. */
  abstract readonly account: string;
  /**
   * Pace and breaker of an operation. Call it before the effort of a call; a granted token that is not used is lost.
   * Answers within a second or so, whatever it has to ask; never rejects.
   */
  abstract admit(operation: Operation): Promise<Admission>;
  /** One paid call, on a fresh connection, never retried, never redirected. */
  abstract submit(call: SubmitCall): Promise<SubmitOutcome>;
  abstract status(providerTaskId: string, options?: ReadOptions): Promise<StatusReading>;
  /** The richer answer for kinds with `hasDetail`. */
  abstract detail(providerTaskId: string, options?: ReadOptions): Promise<StatusReading>;
  /** Reads what the provider posted to a callback URL. Pure. */
  abstract readCallback(body: Buffer): CallbackReading;
  /** Credits left, or null when it cannot be read. */
  abstract balance(): Promise<number | null>;
  /** How the calls of this process are doing, for health and metrics. */
  abstract condition(): ProviderCondition;
}
