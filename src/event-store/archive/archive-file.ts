import { type BatchEnd, type BatchRow, type EventRow } from '../audit/verify/batch-walk.js';
import { UnreadableExportError } from '../audit/audit.errors.js';

/*
 * A stretch of the log outside the database: lines of JSON, compressed with gzip. Whoever has the description of the hashes
 * (event-hash.ts) can compute everything again from the file alone.
 *
 *   {"genledger_log_archive":1,"log":"0197…","first_position":1,"last_position":10000000,
 *    "before":{"position":0,"recorded_at":null,"chain":"00…"}}                        one line, where the stretch begins
 *   {"last_position":2,"events":2,"recorded_at":"…","digest":"…","chain":"…"}         a batch, then its events in order:
 *   {"position":1,"stream_id":"…","version":1,"event_id":"…","type":"…","schema_version":1,"owner":"…","actor":"…",
 *    "correlation_id":null,"causation_id":null,"recorded_at":"…","data":"{…}","sealed":"<base64>","hash":"…"}
 *   {"end":true,"events":10000000,"batches":8121334}                                  the last line
 *
 * `data` is the stored text as a string, because the hash covers exactly this text. Times have milliseconds.
 */

export interface ArchiveHeader {
  readonly logId: string;
  readonly firstPosition: number;
  readonly lastPosition: number;
  /** The end of the batch before. */
  readonly before: BatchEnd;
}

export type ArchiveLine =
  | { readonly is: 'batch'; readonly batch: BatchRow }
  | { readonly is: 'event'; readonly event: EventRow }
  | { readonly is: 'end'; readonly events: number; readonly batches: number };

const FORMAT = 1;

export const headerLine = ({ logId, firstPosition, lastPosition, before }: ArchiveHeader): string =>
  line({
    genledger_log_archive: FORMAT,
    log: logId,
    first_position: firstPosition,
    last_position: lastPosition,
    before: {
      position: before.lastPosition,
      recorded_at: before.lastPosition === 0 ? null : instant(before.recordedUs),
      chain: before.chain.toString('hex'),
    },
  });

export const batchLine = ({ lastPosition, events, recordedUs, digest, chain }: BatchRow): string =>
  line({
    last_position: lastPosition,
    events,
    recorded_at: instant(recordedUs),
    digest: digest.toString('hex'),
    chain: chain.toString('hex'),
  });

export const eventLine = (event: EventRow): string =>
  line({
    position: event.position,
    stream_id: event.streamId,
    version: event.version,
    event_id: event.eventId,
    type: event.type,
    schema_version: event.schemaVersion,
    owner: event.owner,
    actor: event.actor,
    correlation_id: event.correlationId,
    causation_id: event.causationId,
    recorded_at: instant(event.recordedUs),
    data: event.data,
    sealed: event.sealed && event.sealed.toString('base64'),
    hash: event.hash.toString('hex'),
  });

export const endLine = (events: number, batches: number): string => line({ end: true, events, batches });

/** @throws UnreadableExportError this is not the first line of an archive */
export const parseHeader = (text: string): ArchiveHeader => {
  const { genledger_log_archive: format, log, first_position, last_position, before } = parse(text);
  if (format !== FORMAT) throw new UnreadableExportError(`this program reads archives of format ${FORMAT}`);
  const start = before as Record<string, unknown>;
  return {
    logId: String(log),
    firstPosition: Number(first_position),
    lastPosition: Number(last_position),
    before: {
      lastPosition: Number(start.position),
      recordedUs: start.recorded_at === null ? 0 : microseconds(start.recorded_at),
      chain: Buffer.from(String(start.chain), 'hex'),
    },
  };
};

/** A later line. Fields of another form become values that no hash fits. @throws UnreadableExportError it is not JSON */
export const parseLine = (text: string): ArchiveLine => {
  const fields = parse(text);
  if (fields.end === true)
    return { is: 'end', events: Number(fields.events), batches: Number(fields.batches) };
  if (fields.position === undefined) {
    const batch = {
      lastPosition: Number(fields.last_position),
      events: Number(fields.events),
      recordedUs: microseconds(fields.recorded_at),
      digest: Buffer.from(String(fields.digest), 'hex'),
      chain: Buffer.from(String(fields.chain), 'hex'),
    };
    return { is: 'batch', batch };
  }
  const event = {
    position: Number(fields.position),
    streamId: String(fields.stream_id),
    version: Number(fields.version),
    eventId: String(fields.event_id),
    type: String(fields.type),
    schemaVersion: Number(fields.schema_version),
    owner: String(fields.owner),
    actor: String(fields.actor),
    correlationId: textOrNull(fields.correlation_id),
    causationId: textOrNull(fields.causation_id),
    recordedUs: microseconds(fields.recorded_at),
    data: String(fields.data),
    sealed: typeof fields.sealed === 'string' ? Buffer.from(fields.sealed, 'base64') : null,
    hash: Buffer.from(String(fields.hash), 'hex'),
  };
  return { is: 'event', event };
};

const line = (value: object): string => `${JSON.stringify(value)}\n`;

const parse = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new UnreadableExportError('a line of it is not a JSON object');
};

const instant = (us: number): string => new Date(Math.floor(us / 1_000)).toISOString();
const microseconds = (value: unknown): number => new Date(String(value)).getTime() * 1_000;
const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
