import { GenledgerError } from '../../shared/errors.js';

/** Something is encrypted under a master key that this process was not given. */
export class UnknownEncryptionKeyError extends GenledgerError {
  /**
   * @param keyId the key that is missing
   * @param known the keys that are there; ids say nothing about the keys
   */
  constructor(keyId: string, known: readonly string[]) {
    super(
      'unknown_encryption_key',
      'unavailable',
      `The data of this log is encrypted under key ${keyId}, and ENCRYPTION_KEY holds ${known.join(', ')}. ` +
        'Add the missing key behind the newest one.',
      { details: { keyId } },
    );
  }
}

/** A sealed part does not open with the key of its task: it was changed, or moved from another event. */
export class BrokenSealError extends GenledgerError {
  constructor(taskId: string, eventId: string, cause: unknown) {
    super(
      'broken_seal',
      'bug',
      `The personal part of event ${eventId} of task ${taskId} was changed after it was sealed, or belongs elsewhere. ` +
        'Check the log with audit verify.',
      { details: { taskId, eventId }, cause },
    );
  }
}
