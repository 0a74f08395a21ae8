import { type Scope } from '../../access/index.js';
import { TASK_STATUSES } from '../../tasks/index.js';
import { EVENT_TYPES } from '../feed/event-types.js';
import { ref } from './schemas.js';

/*
 * The routes. Model inputs are not here: they come from the registered kinds.
 */

type Schema = Record<string, unknown>;

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: Schema;
  readonly required?: boolean;
  readonly description?: string;
}

export interface OperationSpec {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  /** `any`: every key; null: no key. */
  readonly scope: Scope | 'any' | null;
  readonly parameters?: readonly Parameter[];
  readonly body?: { readonly schema: Schema; readonly required: boolean; readonly mediaType?: string };
  readonly answer: { readonly status: number; readonly schema: Schema; readonly mediaType?: string };
  readonly problems?: readonly number[];
}

const uuid: Schema = { type: 'string', format: 'uuid' };
const time: Schema = { type: 'string', format: 'date-time' };
const word: Schema = { type: 'string' };
const whole = (minimum: number, maximum?: number, standard?: number): Schema => ({
  type: 'integer',
  minimum,
  ...(maximum !== undefined && { maximum }),
  ...(standard !== undefined && { default: standard }),
});

const path = (name: string, schema: Schema): Parameter => ({ name, in: 'path', required: true, schema });
const query = (name: string, schema: Schema, description?: string): Parameter => ({
  name,
  in: 'query',
  schema,
  ...(description && { description }),
});

const id = path('id', uuid);
const wait = query('wait', whole(0, 60, 0), 'Seconds to wait at the most.');
const nothing = { schema: { type: 'object', additionalProperties: false, properties: {} }, required: false };
const task = { status: 200, schema: ref('Task') };

/** Every operation of the API. `Submit` is the schema of a submit's body. */
export const operations = (domains: readonly string[]): readonly OperationSpec[] => [
  {
    method: 'post',
    path: '/v1/{domain}/tasks',
    summary: 'Submit a task',
    tag: 'Tasks',
    scope: 'tasks:write',
    parameters: [
      path('domain', { enum: domains }),
      {
        name: 'Idempotency-Key',
        in: 'header',
        schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
        description: 'The same key and body is the same task, for ever.',
      },
    ],
    body: { schema: ref('Submit'), required: true },
    answer: { status: 202, schema: ref('Task') },
    problems: [400, 410, 413, 415, 422, 503],
  },
  {
    method: 'get',
    path: '/v1/tasks',
    summary: 'List tasks, newest first',
    tag: 'Tasks',
    scope: 'tasks:read',
    parameters: [
      query('status', { type: 'array', items: { enum: [...TASK_STATUSES] } }),
      query('domain', { type: 'array', items: { enum: domains } }),
      query('model', word),
      query('created_after', time),
      query('created_before', time),
      query(
        'metadata.KEY',
        word,
        'Tasks whose metadata has this value under KEY; for each key a parameter of its own.',
      ),
      query('provider_task_id', word),
      query('idempotency_key', word),
      query('limit', whole(1, 200, 50)),
      query('cursor', word, 'next_cursor of the page before.'),
    ],
    answer: { status: 200, schema: ref('TaskList') },
    problems: [422],
  },
  {
    method: 'get',
    path: '/v1/tasks/{id}',
    summary: 'Read a task; with wait, when it has ended or the time is over',
    tag: 'Tasks',
    scope: 'tasks:read',
    parameters: [id, wait],
    answer: task,
    problems: [404, 422],
  },
  {
    method: 'post',
    path: '/v1/tasks/{id}/cancel',
    summary: 'Give a task up',
    tag: 'Tasks',
    scope: 'tasks:write',
    parameters: [id],
    body: nothing,
    answer: task,
    problems: [404, 409, 410],
  },
  {
    method: 'post',
    path: '/v1/tasks/{id}/resume',
    summary: 'Send a held task back to the queue',
    tag: 'Operations',
    scope: 'operate',
    parameters: [id],
    body: nothing,
    answer: task,
    problems: [404, 409, 410],
  },
  {
    method: 'post',
    path: '/v1/tasks/{id}/resubmit',
    summary: 'Make one more attempt, at the risk of paying twice',
    tag: 'Operations',
    scope: 'operate',
    parameters: [id],
    body: { schema: ref('Resubmit'), required: true },
    answer: task,
    problems: [404, 409, 410, 422, 503],
  },
  {
    method: 'post',
    path: '/v1/tasks/{id}/erase',
    summary: 'Destroy the data key of a task that has ended, and every copy of its personal parts',
    tag: 'Operations',
    scope: 'operate',
    parameters: [id],
    body: { schema: ref('Erase'), required: true },
    answer: { status: 200, schema: ref('ErasedTask') },
    problems: [404, 409, 422, 503],
  },
  {
    method: 'post',
    path: '/v1/owner/erase',
    summary: 'Erase tasks of the owner that have ended, at most 500 a call',
    tag: 'Operations',
    scope: 'admin',
    body: { schema: ref('Erase'), required: true },
    answer: { status: 200, schema: ref('OwnerErasure') },
    problems: [422, 503],
  },
  {
    method: 'get',
    path: '/v1/tasks/{id}/events',
    summary: 'Everything that happened to a task, in order',
    tag: 'Audit',
    scope: 'audit:read',
    parameters: [id, query('after_version', whole(0, undefined, 0)), query('limit', whole(1, 1_000, 100))],
    answer: { status: 200, schema: ref('EventList') },
    problems: [404, 410, 422],
  },
  {
    method: 'get',
    path: '/v1/tasks/{id}/callbacks',
    summary: 'What the provider sent, in order of arrival',
    tag: 'Audit',
    scope: 'audit:read',
    parameters: [id],
    answer: { status: 200, schema: ref('CallbackList') },
    problems: [404, 410],
  },
  {
    method: 'get',
    path: '/v1/tasks/{id}/replay',
    summary: 'The task as of a version or a moment, folded from the log',
    tag: 'Audit',
    scope: 'audit:read',
    parameters: [id, query('version', whole(1)), query('at', time, 'Instead of version.')],
    answer: { status: 200, schema: ref('Replay') },
    problems: [404, 410, 422],
  },
  {
    method: 'get',
    path: '/v1/events',
    summary: "The owner's part of the log",
    tag: 'Audit',
    scope: 'audit:read',
    parameters: [
      query('after', whole(0, undefined, 0), 'next_after of the page before.'),
      query('type', { type: 'array', items: { enum: [...EVENT_TYPES] } }),
      query('limit', whole(1, 1_000, 100)),
      wait,
    ],
    answer: { status: 200, schema: ref('Feed') },
    problems: [409, 410, 422],
  },
  {
    method: 'get',
    path: '/v1/account',
    summary: 'The state of the provider account',
    tag: 'Operations',
    scope: 'operate',
    answer: { status: 200, schema: ref('Account') },
  },
  {
    method: 'post',
    path: '/v1/account/resume',
    summary: 'Resume a paused provider account',
    tag: 'Operations',
    scope: 'admin',
    body: nothing,
    answer: { status: 200, schema: ref('Account') },
  },
  {
    method: 'post',
    path: '/v1/keys',
    summary: 'Make an API key; this answer alone shows it',
    tag: 'Keys',
    scope: 'admin',
    body: { schema: ref('CreateKey'), required: true },
    answer: { status: 201, schema: ref('CreatedKey') },
    problems: [400, 415, 422],
  },
  {
    method: 'get',
    path: '/v1/keys',
    summary: 'List API keys of all owners, oldest first',
    tag: 'Keys',
    scope: 'admin',
    parameters: [
      query('owner', word),
      query('limit', whole(1, 200, 50)),
      query('cursor', word, 'next_cursor of the page before.'),
    ],
    answer: { status: 200, schema: ref('KeyList') },
    problems: [422],
  },
  {
    method: 'post',
    path: '/v1/keys/{id}/revoke',
    summary: 'End an API key, within seconds everywhere',
    tag: 'Keys',
    scope: 'admin',
    parameters: [id],
    body: nothing,
    answer: { status: 200, schema: ref('Key') },
    problems: [404],
  },
  {
    method: 'post',
    path: '/v1/keys/{id}/rotate',
    summary: 'Make the key that follows an API key, which ends after the overlap',
    tag: 'Keys',
    scope: 'admin',
    parameters: [id],
    body: { schema: ref('RotateKey'), required: false },
    answer: { status: 201, schema: ref('RotatedKey') },
    problems: [404, 409, 422],
  },
  {
    method: 'get',
    path: '/v1/models',
    summary: 'What can be generated',
    tag: 'Models',
    scope: 'any',
    parameters: [query('domain', { type: 'array', items: { enum: domains } })],
    answer: { status: 200, schema: ref('ModelList') },
    problems: [422],
  },
  {
    method: 'get',
    path: '/v1/models/{model}',
    summary: 'One model',
    tag: 'Models',
    scope: 'any',
    parameters: [{ ...path('model', word), description: 'URL-encoded: some names contain a slash.' }],
    answer: { status: 200, schema: ref('Model') },
    problems: [404],
  },
  {
    method: 'post',
    path: '/v1/callbacks/apidot/{task_id}/{attempt}/{token}',
    summary: 'For the provider: report about an attempt',
    tag: 'Callbacks',
    scope: null,
    parameters: [path('task_id', uuid), path('attempt', whole(1)), path('token', word)],
    body: { schema: {}, required: true, mediaType: '*/*' },
    answer: { status: 200, schema: ref('CallbackReceipt') },
    problems: [400, 404, 413],
  },
  {
    method: 'get',
    path: '/health/live',
    summary: 'The process runs',
    tag: 'Health',
    scope: null,
    answer: { status: 200, schema: ref('Health') },
  },
  {
    method: 'get',
    path: '/health/ready',
    summary: 'The process takes requests; 503 with the reason else',
    tag: 'Health',
    scope: null,
    answer: { status: 200, schema: ref('Health') },
  },
  {
    method: 'get',
    path: '/metrics',
    summary: 'Metrics in the Prometheus text format',
    tag: 'Health',
    scope: null,
    answer: { status: 200, schema: word, mediaType: 'text/plain' },
  },
  {
    method: 'get',
    path: '/openapi.json',
    summary: 'This document',
    tag: 'Health',
    scope: null,
    answer: { status: 200, schema: { type: 'object' } },
  },
];
