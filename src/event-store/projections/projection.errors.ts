import { GenledgerError } from '../../shared/errors.js';

/** Somebody else is rebuilding the same projection. */
export class RebuildRunningError extends GenledgerError {
  constructor(projection: string) {
    super(
      'rebuild_running',
      'conflict',
      `Another process is rebuilding ${projection}. Wait until it ends, or stop it and start again: the work goes on.`,
      { details: { projection } },
    );
  }
}

/** The tables are such that they cannot be replaced. */
export class RebuildRefusedError extends GenledgerError {
  constructor(projection: string, why: string) {
    super('rebuild_refused', 'conflict', `${projection} cannot be rebuilt: ${why}.`, {
      details: { projection },
    });
  }
}

/** Somebody held the live tables for so long that they could not be exchanged. Everything else is done and kept. */
export class RebuildBlockedError extends GenledgerError {
  constructor(projection: string, cause: unknown) {
    super(
      'rebuild_blocked',
      'unavailable',
      `The new tables of ${projection} are complete, but long transactions kept the old ones in use. Start again when ` +
        'they are over (pg_stat_activity shows them): only the exchange is left.',
      { details: { projection }, cause },
    );
  }
}
