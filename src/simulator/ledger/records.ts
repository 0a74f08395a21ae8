/*
 * What the simulator writes down. Times are Unix milliseconds; `seq` grows over all three kinds in the order of writing.
 */

/** A submit that was received whole. */
export interface SubmitRecord {
  readonly seq: number;
  readonly at: number;
  /** Number of the TCP connection it came on: equal numbers mean a reused connection. */
  readonly connection: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly model: string | null;
  readonly input: Readonly<Record<string, unknown>> | null;
  readonly callbackUrl: string | null;
  /** The body as it came; for finding a marker. */
  readonly text: string;
  /** The task that this submit created, whatever its answer said; null when it created none. */
  readonly taskId: string | null;
  /** The fault that struck the answer, or null. */
  readonly fault: string | null;
  /** What the caller got: an HTTP status, `drop`, `hang` …, `caller gone`; null while the answer is on its way. */
  answer: string | null;
}

/** A status, detail or balance call. */
export interface ReadRecord {
  readonly seq: number;
  readonly at: number;
  readonly connection: number;
  readonly operation: 'status' | 'detail' | 'balance';
  /** The id that was asked for, known or not; null for balance. */
  readonly taskId: string | null;
  /** Beginning of the submit body of the task. */
  readonly text: string;
  /** The state that the answer told, before any other wording; null when it told none. */
  readonly told: string | null;
  readonly fault: string | null;
  answer: string | null;
}

/** One attempt to deliver a callback, written down when it has been answered or has failed. */
export interface CallbackRecord {
  readonly seq: number;
  /** When it was sent. */
  readonly at: number;
  readonly taskId: string;
  readonly text: string;
  readonly url: string;
  /** Why it was sent: the verdict, a further copy, a later replay, a forgery, or by hand. */
  readonly reason: 'verdict' | 'repeat' | 'replay' | 'forged' | 'manual';
  /** 1 for the first try. */
  readonly attempt: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** HTTP status of the receiver; null when there was no answer. */
  readonly status: number | null;
  readonly error: string | null;
}

export interface LedgerRecords {
  submits: SubmitRecord;
  reads: ReadRecord;
  callbacks: CallbackRecord;
}

/** Which records are meant. All given parts must fit. */
export interface RecordFilter {
  /** Text within the submit body (of the task, for reads and callbacks). */
  readonly contains?: string;
  readonly taskId?: string;
  /** Only records with a greater `seq`. */
  readonly after?: number;
}

export const fits = (
  record: { readonly seq: number; readonly text: string; readonly taskId: string | null },
  { contains, taskId, after }: RecordFilter,
): boolean =>
  (after === undefined || record.seq > after) &&
  (taskId === undefined || record.taskId === taskId) &&
  (contains === undefined || record.text.includes(contains));
