import { GenledgerError } from '../../shared/errors.js';

/** This stretch of the log cannot be archived (yet). Nothing was changed. */
export class ArchiveRefusedError extends GenledgerError {
  constructor(why: string) {
    super('archive_refused', 'conflict', `Nothing is archived: ${why}.`);
  }
}

/** Somebody read the log for so long that the partition could not be taken out. The file is written and stays. */
export class ArchiveBlockedError extends GenledgerError {
  constructor(path: string, cause: unknown) {
    super(
      'archive_blocked',
      'unavailable',
      `${path} is written, but long transactions kept the log in use. Start again when they are over (pg_stat_activity ` +
        'shows them): the file is taken as it is, only the partition is left to be taken out.',
      { details: { path }, cause },
    );
  }
}
