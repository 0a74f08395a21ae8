import { GenledgerError } from '../../shared/errors.js';

/** Somebody asked for a seal, and there is no key to sign it with. */
export class SealKeyMissingError extends GenledgerError {
  constructor() {
    super('seal_key_missing', 'invalid', 'SEAL_KEY is not set, so nothing can be signed.');
  }
}

/** A file that should hold an export of a log cannot be read as one. */
export class UnreadableExportError extends GenledgerError {
  constructor(reason: string) {
    super('export_unreadable', 'invalid', `This is not an export of a log: ${reason}.`);
  }
}

/** A file of evidence, an export or a key, cannot be read or written, or holds something else. */
export class EvidenceFileError extends GenledgerError {
  constructor(path: string, cause: unknown) {
    const reason = (cause as Error).message.replace(/\.$/, '');
    super('evidence_file_unusable', 'invalid', `${path} cannot be used: ${reason}.`, {
      details: { path },
      cause,
    });
  }
}
