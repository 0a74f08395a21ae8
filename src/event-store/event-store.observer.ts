/** One answered batch of appends. */
export interface BatchReport {
  readonly commands: number;
  /** Events of commands that were written now. */
  readonly events: number;
  readonly conflicts: number;
  readonly duplicates: number;
  /** From sending to the database's answer, milliseconds, waiting for the log's lock included. */
  readonly durationMs: number;
  /** Requests still waiting for a later batch. */
  readonly queued: number;
}

/**
 * What metrics and logs may want to know. Called synchronously on the append path, so implementations must be quick;
 * what they throw is swallowed. No argument carries the content of an event.
 */
export interface EventStoreObserver {
  batchAnswered?(report: BatchReport): void;
  /** The database refused one request for its content; its batch was split to find it. */
  requestRefused?(sqlState: string | null): void;
  /** The queue was full. */
  requestRejected?(): void;
  /** The connection broke after a batch was sent. It is sent again, which tells what was stored. */
  commitAmbiguous?(commands: number): void;
  /** The connection for appends or for notifications is gone or could not be made; it is tried again. */
  connectionLost?(purpose: 'append' | 'listen', error: unknown): void;
  /** A listener of onCommit threw; the others were called nevertheless. */
  listenerFailed?(error: unknown): void;
}

/** Calls a hook without letting it disturb the caller. */
export const observe = (call: () => void): void => {
  try {
    call();
  } catch {
    // Metrics must never fail an append.
  }
};
