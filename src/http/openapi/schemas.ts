import { LONGEST_KEY_NAME, SCOPES } from '../../access/index.js';
import { PRIORITIES, TASK_STATUSES } from '../../tasks/index.js';
import { EVENT_TYPES } from '../feed/event-types.js';
import { LONGEST_OVERLAP_S } from '../keys/key-bodies.js';

/*
 * What answers look like, in JSON Schema (draft 2020-12).
 */

type Schema = Record<string, unknown>;

const text: Schema = { type: 'string' };
const integer: Schema = { type: 'integer' };
const flag: Schema = { type: 'boolean' };
const uuid: Schema = { type: 'string', format: 'uuid' };
const time: Schema = { type: 'string', format: 'date-time' };
const anyObject: Schema = { type: 'object', additionalProperties: true };

const orNull = (schema: Schema): Schema =>
  typeof schema.type === 'string' && !('enum' in schema)
    ? { ...schema, type: [schema.type, 'null'] }
    : { anyOf: [schema, { type: 'null' }] };

export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

const listOf = (items: Schema): Schema => ({ type: 'array', items });

/** An object whose properties are all there, but for the ones named. */
const object = (
  properties: Record<string, Schema>,
  description?: string,
  optional: readonly string[] = [],
): Schema => ({
  type: 'object',
  ...(description && { description }),
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});

const theKey: Schema = { ...text, description: 'Kept nowhere else: it cannot be shown again.' };

/** The last used time is to the minute. */
const KEY: Readonly<Record<string, Schema>> = {
  object: { const: 'key' },
  id: uuid,
  owner: text,
  scopes: listOf({ enum: [...SCOPES] }),
  name: orNull(text),
  status: { enum: ['active', 'expired', 'revoked'] },
  created_at: time,
  created_by: { ...orNull(text), description: 'Who made it, as events name actors.' },
  expires_at: orNull(time),
  revoked_at: orNull(time),
  revoked_by: orNull(text),
  last_used_at: orNull(time),
  replaces: { ...orNull(uuid), description: 'The key it was rotated from.' },
};

export const SCHEMAS: Readonly<Record<string, Schema>> = {
  Task: object(
    {
      object: { const: 'task' },
      id: uuid,
      domain: text,
      model: text,
      mode: orNull(text),
      priority: {
        enum: [...PRIORITIES],
        description: 'When it is sent, among the queued tasks of its owner.',
      },
      status: { enum: [...TASK_STATUSES] },
      overdue: { ...flag, description: 'The promised time has passed; reading goes on.' },
      late: { ...flag, description: 'The verdict came after the task had expired.' },
      progress: orNull({ type: 'number', minimum: 0, maximum: 100 }),
      input: orNull(anyObject),
      metadata: orNull(anyObject),
      provider: object({ name: text, task_id: orNull(text), status: orNull(text) }),
      attempts: integer,
      result: orNull(ref('Result')),
      error: orNull(ref('TaskError')),
      waiting_for: {
        ...object({ code: text, message: text }),
        description: 'Only while queued and kept back: by whom or what. Operational, like last_checked_at.',
      },
      may_be_charged: {
        ...flag,
        description: 'Only after a cancellation: the provider may charge for an attempt that had started.',
      },
      created_at: time,
      submitted_at: orNull(time),
      updated_at: time,
      last_checked_at: {
        ...orNull(time),
        description: 'Operational: moves with every look at the provider, also without an event.',
      },
      completed_at: orNull(time),
      erased_at: {
        ...time,
        description: 'Only after an erasure: since when nothing private of it opens any more.',
      },
      version: { ...integer, description: 'Number of events of the task.' },
    },
    undefined,
    ['may_be_charged', 'erased_at', 'waiting_for'],
  ),
  Result: object(
    {
      files: listOf(
        object(
          {
            url: orNull(text),
            type: text,
            label: orNull(text),
            format: orNull(text),
            content_type: orNull(text),
            size: orNull(integer),
            provider_file_id: {
              ...text,
              description:
                "The provider's id of the file, where it gives one. Follow-up models take it, as audio_id.",
            },
          },
          undefined,
          ['provider_file_id'],
        ),
      ),
      answers: {
        ...listOf(anyObject),
        description:
          'Only where the result is words (lyrics, timestamps, a style, a persona) or files of unpublished names: what the provider answered, as received.',
      },
      credits: orNull({ type: 'number' }),
      expires_at: { ...time, description: 'After this the provider is assumed to have deleted the files.' },
    },
    undefined,
    ['answers'],
  ),
  TaskError: object({ code: text, message: orNull(text), retryable: flag }),
  TaskList: object({ data: listOf(ref('Task')), next_cursor: orNull(text) }),
  Event: object({
    position: { ...integer, description: 'Place in the whole log.' },
    id: uuid,
    task_id: uuid,
    version: integer,
    type: { ...text, examples: EVENT_TYPES.slice(0, 3) },
    schema_version: integer,
    recorded_at: time,
    actor: text,
    correlation_id: orNull(text),
    causation_id: orNull(text),
    data: anyObject,
    hash: text,
  }),
  EventList: object({ data: listOf(ref('Event')), next_after_version: orNull(integer) }),
  Feed: object({ data: listOf(ref('Event')), next_after: integer }),
  Callback: object({
    id: uuid,
    received_at: time,
    attempt: integer,
    verdict: { enum: ['accepted', 'duplicate', 'superseded', 'conflicting', 'mismatched', 'malformed'] },
    confirmed: flag,
    provider_task_id: orNull(text),
    provider_status: orNull(text),
    body_sha256: text,
    body: orNull(text),
    headers: { type: 'object', additionalProperties: text },
    signature: {
      enum: ['valid', 'repeated', 'stale', 'invalid', 'absent', null],
      description:
        'What its signature headers are worth; null when they are not checked. No verdict depends on it.',
    },
    effect_version: orNull(integer),
  }),
  CallbackList: object({ data: listOf(ref('Callback')) }),
  Replay: object({ task: ref('Task'), replayed_events: integer, as_of_version: integer }),
  Resubmit: {
    ...object({
      accept_duplicate_risk: { const: true, description: 'An earlier attempt may be paid as well.' },
      reason: { ...text, minLength: 1, maxLength: 1_000 },
    }),
    additionalProperties: false,
  },
  Erase: {
    ...object({
      reason: {
        ...text,
        minLength: 1,
        maxLength: 1_000,
        description: 'Only a keyed digest of it is kept.',
      },
    }),
    additionalProperties: false,
  },
  OwnerErasure: object({
    object: { const: 'owner_erasure' },
    owner: text,
    erased: integer,
    has_more: { ...flag, description: 'More ended tasks of the owner are left: call again.' },
    notice: text,
  }),
  ErasedTask: {
    allOf: [
      ref('Task'),
      object({ notice: { ...text, description: 'Which copies are not ours to destroy.' } }),
    ],
  },
  Account: object({
    object: { const: 'account' },
    provider: text,
    account: { ...text, description: 'Fingerprint of the provider key.' },
    status: { enum: ['active', 'paused'] },
    pause: orNull(ref('Pause')),
    paused_models: listOf(
      object({ model: text, scope: { enum: ['key', 'credits', 'model'] }, since: time, reason: text }),
    ),
    last_probe_at: orNull(time),
    next_probe_at: orNull(time),
    resumed_at: orNull(time),
    balance: orNull({ type: 'number' }),
  }),
  Pause: object({ scope: { enum: ['key', 'credits', 'model'] }, since: time, reason: text }),
  Model: object({
    model: text,
    domain: text,
    family: text,
    availability: text,
    modes: listOf(
      object({
        mode: text,
        input_schema: anyObject,
        example_input: anyObject,
        result: object({ file_type: text, count: { type: ['integer', 'string', 'null'] } }),
      }),
    ),
  }),
  ModelList: object({ data: listOf(ref('Model')) }),
  Key: object(KEY),
  KeyList: object({ data: listOf(ref('Key')), next_cursor: orNull(text) }),
  CreateKey: {
    ...object(
      {
        owner: { ...text, description: 'Whose tasks it sees.' },
        scopes: { ...listOf({ enum: [...SCOPES] }), minItems: 1, maxItems: SCOPES.length },
        name: { ...orNull(text), minLength: 1, maxLength: LONGEST_KEY_NAME },
        expires_at: { ...orNull(time), description: 'A time ahead; null or absent: never.' },
      },
      undefined,
      ['name', 'expires_at'],
    ),
    additionalProperties: false,
  },
  CreatedKey: object({ ...KEY, key: theKey }),
  RotateKey: {
    ...object(
      {
        overlap_seconds: {
          ...orNull(integer),
          minimum: 0,
          maximum: LONGEST_OVERLAP_S,
          default: 86_400,
          description: 'How long both keys open.',
        },
      },
      undefined,
      ['overlap_seconds'],
    ),
    additionalProperties: false,
  },
  RotatedKey: object({ ...KEY, key: theKey, replaced: ref('Key') }),
  CallbackReceipt: object({ ok: { const: true }, duplicate: flag }),
  Health: object(
    {
      status: { enum: ['ok', 'degraded', 'unavailable'] },
      version: text,
      checks: { type: 'object', additionalProperties: text },
      degraded: listOf(text),
    },
    undefined,
    ['version', 'checks', 'degraded'],
  ),
  Problem: object(
    {
      type: { ...text, description: 'A URN that is stable for a code.' },
      title: text,
      status: integer,
      code: text,
      detail: text,
      request_id: text,
      errors: listOf(
        object({
          pointer: {
            ...text,
            description: 'JSON pointer; below /query and /headers for what is not in the body.',
          },
          code: text,
          message: text,
        }),
      ),
      near: { type: 'array', items: object({ model: text, domain: text }) },
    },
    'RFC 9457.',
    ['errors', 'near'],
  ),
};

export const SECURITY_SCHEMES = {
  key: {
    type: 'http',
    scheme: 'bearer',
    description: `An API key: gl_ and 43 characters. Scopes: ${SCOPES.join(', ')}.`,
  },
  metrics: {
    type: 'http',
    scheme: 'bearer',
    description: 'The token of the metrics collector, when one is set.',
  },
};
