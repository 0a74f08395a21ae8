import { GenledgerError } from '../shared/errors.js';
import { type Bookmark, type ExpectedVersion } from './event-store.js';

/** Another writer was first. Read the stream again and decide again. */
export class StreamConflictError extends GenledgerError {
  constructor(
    readonly streamId: string,
    readonly expected: ExpectedVersion,
    /** 0 when there is no such stream. */
    readonly actual: number,
  ) {
    super(
      'stream_conflict',
      'conflict',
      `Stream ${streamId} is at version ${actual}, not ${expected} as expected.`,
      { details: { streamId, expected, actual } },
    );
  }
}

/** The log cannot take or give events just now. */
export class EventStoreUnavailableError extends GenledgerError {
  constructor(
    message: string,
    /** False when the connection broke after the batch was sent: the events may be stored. */
    readonly outcomeKnown: boolean,
    cause?: unknown,
  ) {
    super('event_store_unavailable', 'unavailable', message, { details: { outcomeKnown }, cause });
  }
}

/** A request that the log refuses whatever its state: no events, bad ids. A bug of the caller. */
export class InvalidAppendError extends GenledgerError {
  constructor(message: string, cause?: unknown) {
    super('invalid_append', 'bug', message, { cause });
  }
}

/**
 * The database refused this request, and only this one, for what it contains: an inline projection raised an error or a
 * constraint of its tables was violated. Nothing was written. `cause` is the database's error.
 */
export class AppendRefusedError extends GenledgerError {
  constructor(
    readonly streamId: string,
    /** SQLSTATE, e.g. `23505` for a unique violation; null when the refusal did not come from PostgreSQL. */
    readonly sqlState: string | null,
    /** Name of the violated constraint, so that a room can translate its own. */
    readonly constraint: string | null,
    cause: unknown,
  ) {
    super('append_refused', 'bug', `Events for stream ${streamId} were refused by the database.`, {
      details: { streamId, sqlState, constraint },
      cause,
    });
  }
}

/**
 * The log is not the one that was read: it ends before a bookmark, or holds other events there. Positions were given out
 * a second time, so a reader that went on would miss events and keep effects of events that no longer exist.
 */
export class HistoryForkedError extends GenledgerError {
  constructor(
    readonly bookmark: Bookmark,
    /** Where the log ends now. */
    readonly head: number,
  ) {
    const found =
      bookmark.position > head
        ? `the log ends at position ${head}`
        : `the log holds another history up to that position`;
    super(
      'history_forked',
      'conflict',
      `Position ${bookmark.position} was read before, but ${found}. The database was restored from a backup, or failed ` +
        'over to a replica that lacked its newest commits. Compare the log with an export (audit verify --file), undo ' +
        'by hand what followed from the lost events, and let the reader begin again.',
      { details: { position: bookmark.position, chain: bookmark.chain, head } },
    );
  }
}

/**
 * What is asked for was moved out of the database, into files. It will not come back by itself: whoever reads the log goes
 * on behind it, or takes the files.
 */
export class EventsArchivedError extends GenledgerError {
  constructor(
    /** Everything up to this position is archived. */
    readonly archivedTo: number,
    what = `Positions 1 to ${archivedTo} of the log are archived.`,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(
      'events_archived',
      'gone',
      `${what} Read on behind position ${archivedTo}; what lies before it is in the files that "genledger archive --list" names.`,
      { details: { ...details, archivedTo } },
    );
  }

  static ofStream(streamId: string, firstVersion: number, archivedTo: number): EventsArchivedError {
    return new EventsArchivedError(
      archivedTo,
      `The events of ${streamId} before version ${firstVersion} are archived, with positions 1 to ${archivedTo} of the log.`,
      { streamId, firstVersion },
    );
  }
}
