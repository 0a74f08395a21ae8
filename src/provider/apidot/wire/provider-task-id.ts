import { isJsonObject, type JsonObject } from '../../../shared/json.js';

/** Ids are opaque, but they go into URLs, logs and keys: anything outside of this waits for an operator. */
const USABLE = /^[A-Za-z0-9_-]{1,200}$/;

export const isUsableTaskId = (value: unknown): value is string =>
  typeof value === 'string' && USABLE.test(value);

export type TaskIdReading =
  { readonly kind: 'none' | 'unusable' } | { readonly kind: 'usable'; readonly id: string };

/** The task id of a body, wrapped (`data.task_id`) or flat (`task_id`); the first usable one of the two. */
export const readTaskId = (body: JsonObject): TaskIdReading => {
  const given = [isJsonObject(body.data) ? body.data.task_id : undefined, body.task_id]
    .filter((value) => value !== undefined && value !== null && value !== '')
    .map((value) => (typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value));
  const usable = given.find(isUsableTaskId);
  if (usable !== undefined) return { kind: 'usable', id: usable };
  return { kind: given.length === 0 ? 'none' : 'unusable' };
};
