import { uuidFrom } from '../../../shared/ids.js';

/** The task that an idempotency key of an owner stands for. Unkeyed on purpose: it survives the rotation of every key. */
export const idOfIdempotencyKey = (owner: string, idempotencyKey: string): string =>
  uuidFrom('task', owner, idempotencyKey);
