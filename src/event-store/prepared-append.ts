import { isUuid } from '../shared/ids.js';
import { isJsonObject, type JsonObject } from '../shared/json.js';
import { eventHashBytes } from './event-hash.js';
import { InvalidAppendError } from './event-store.errors.js';
import { type AppendRequest, type NewEvent } from './event-store.js';

/** A checked request with everything computed that needs no lock: JSON texts, hashes, size. */
export interface PreparedAppend {
  readonly request: AppendRequest;
  /** A version, -1 for `any`, -2 for `exists`: as append_events wants it. */
  readonly expected: number;
  readonly document: string | null;
  /** One per event, as it will be stored. */
  readonly data: readonly string[];
  /** One per event: a copy, so that it stays what the hash was taken of. */
  readonly sealed: readonly (Buffer | null)[];
  /** One per event, 32 bytes. */
  readonly hashes: readonly Buffer[];
  /** Roughly what it takes on the wire. */
  readonly bytes: number;
}

export const ANY = -1;
export const EXISTS = -2;

const MAX_INT = 2_147_483_647;
const MAX_SMALLINT = 32_767;
/** Ids, type, numbers and hash of an event. */
const BYTES_PER_EVENT = 250;
/**
 * PostgreSQL text cannot hold NUL, UTF-8 cannot hold half a surrogate pair: the hash would cover something else. U+001E
 * separates texts on their way to the database; JSON text escapes it, other texts have no use for it.
 */
const isStorable = (text: string): boolean =>
  text.isWellFormed() && !text.includes('\0') && !text.includes('\x1e');

/** @throws InvalidAppendError */
export const prepareAppend = (request: AppendRequest): PreparedAppend => {
  const { streamId, events, owner, actor, correlationId, causationId } = request;
  checkUuid('streamId', streamId);
  checkText('owner', owner);
  checkText('actor', actor);
  if (correlationId !== null) checkText('correlationId', correlationId);
  if (causationId !== null) checkText('causationId', causationId);
  if (events.length === 0) throw new InvalidAppendError(`No events to append to stream ${streamId}.`);
  if (events.length > 1) checkDistinctIds(events);

  const expected = expectedVersion(request);
  const document = documentText(request, expected);
  const data: string[] = [];
  const sealedParts: (Buffer | null)[] = [];
  const hashes: Buffer[] = [];
  let bytes = document === null ? 0 : document.length;
  for (const event of events) {
    checkUuid('event id', event.id);
    checkText('type', event.type);
    if (!isWhole(event.schemaVersion, 1, MAX_SMALLINT)) {
      throw new InvalidAppendError(
        `schemaVersion is ${event.schemaVersion}; it must be a whole number from 1 to 32767.`,
      );
    }
    const text = jsonText('data', event.data);
    const sealed = event.sealed ? Buffer.from(event.sealed) : null;
    data.push(text);
    sealedParts.push(sealed);
    hashes.push(
      eventHashBytes({
        streamId,
        eventId: event.id,
        type: event.type,
        schemaVersion: event.schemaVersion,
        owner,
        actor,
        correlationId,
        causationId,
        data: text,
        sealed,
      }),
    );
    bytes += BYTES_PER_EVENT + text.length + (sealed === null ? 0 : sealed.length);
  }
  return { request, expected, document, data, sealed: sealedParts, hashes, bytes };
};

const expectedVersion = ({ streamId, expected }: AppendRequest): number => {
  if (expected === 'none') return 0;
  if (expected === 'any') return ANY;
  if (expected === 'exists') return EXISTS;
  if (isWhole(expected, 0, MAX_INT)) return expected;
  throw new InvalidAppendError(`Expected version of stream ${streamId} is ${String(expected)}.`);
};

const documentText = (request: AppendRequest, expected: number): string | null => {
  const document = request.document ?? null;
  if (document === null) return null;
  if (expected < 0) {
    throw new InvalidAppendError(
      `A document for stream ${request.streamId} needs an exact expected version: with '${request.expected}' it could overwrite a newer one.`,
    );
  }
  checkText('document', document);
  return document;
};

const jsonText = (name: string, value: JsonObject): string => {
  if (!isJsonObject(value)) throw new InvalidAppendError(`${name} must be a JSON object.`);
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new InvalidAppendError(`${name} cannot be written as JSON.`, cause);
  }
};

const checkUuid = (name: string, text: string): void => {
  if (typeof text !== 'string' || !isUuid(text))
    throw new InvalidAppendError(`${name} must be a lower-case UUID.`);
};

const checkText = (name: string, text: string): void => {
  if (typeof text !== 'string' || text === '' || !isStorable(text)) {
    throw new InvalidAppendError(`${name} must be a non-empty text without NUL, U+001E and lone surrogates.`);
  }
};

const checkDistinctIds = (events: readonly NewEvent[]): void => {
  if (new Set(events.map((event) => event.id)).size !== events.length) {
    throw new InvalidAppendError('Two events of one request have the same id.');
  }
};

const isWhole = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;
