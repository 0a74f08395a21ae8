import { GenledgerError } from '../../shared/errors.js';

/** There is no such task, or it belongs to somebody else: the caller cannot tell which. */
export class TaskNotFoundError extends GenledgerError {
  constructor(id: string) {
    super('not_found', 'not_found', `There is no task ${id}.`, { details: { id } });
  }
}

/** The task is in a status that does not allow what was asked. */
export class TaskStatusConflictError extends GenledgerError {
  constructor(id: string, wish: string, status: string, allowed: string) {
    super(
      'conflict',
      'conflict',
      `Task ${id} is ${status}; ${wish} is possible only while it is ${allowed}.`,
      {
        details: { id, status },
      },
    );
  }
}

/** The idempotency key belongs to another request. */
export class IdempotencyKeyReusedError extends GenledgerError {
  constructor(id: string) {
    super(
      'idempotency_key_reused',
      'invalid',
      `This Idempotency-Key belongs to task ${id}, whose request was different. Use a new key for a new intent.`,
      { details: { id } },
    );
  }
}
