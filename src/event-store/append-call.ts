import { createHash } from 'node:crypto';
import pg from 'pg';
import { type PreparedAppend } from './prepared-append.js';

/** What append_events says of one command. */
export interface CommandOutcome {
  readonly outcome: 'written' | 'conflict' | 'duplicate';
  /** After the append; for a conflict the actual one. */
  readonly version: number;
  /** 0 for a conflict, like lastPosition and recordedAt. */
  readonly firstPosition: number;
  readonly lastPosition: number;
  /** Milliseconds since 1970. */
  readonly recordedAt: number;
}

/** Of one row of the call, in this order. */
type OutcomeRow = readonly [number, number, string | null, string | null, number | null];

const OUTCOMES = ['written', 'conflict', 'duplicate'] as const;

/**
 * The call of append_events: text, parameters and answer.
 *
 * All columns travel as array literals that are built here: the driver's own conversion of nested arrays costs several
 * times as much per event, and this is the hottest code of the store.
 */
export class AppendCall {
  readonly text: string;
  /** For a prepared statement; differs by schema, because a host's connection may know two stores. */
  readonly name: string;
  private readonly projections: string;

  constructor(schema: string, inlineProjections: readonly string[]) {
    this.text = `select outcome, version, first_position, last_position,
        (extract(epoch from recorded_at) * 1000)::float8
      from ${pg.escapeIdentifier(schema)}.append_events(${PARAMETERS.map((_, i) => `$${i + 1}`).join(', ')})`;
    this.name = statementName('append_events', schema);
    this.projections = texts(inlineProjections);
  }

  /**
   * @param origin who appends, part of the notification
   * @param together one conflict makes the call fail with SQLSTATE GL001
   */
  values(origin: string, together: boolean, commands: readonly PreparedAppend[]): unknown[] {
    const stream: string[] = [];
    const expected: number[] = [];
    const count: number[] = [];
    const owner: string[] = [];
    const actor: string[] = [];
    const correlationId: (string | null)[] = [];
    const causationId: (string | null)[] = [];
    const document: (string | null)[] = [];
    const command: number[] = [];
    const eventId: string[] = [];
    const type: string[] = [];
    const schemaVersion: number[] = [];
    const data: string[] = [];
    const sealed: (string | null)[] = [];
    const hash: string[] = [];
    commands.forEach((prepared, index) => {
      const { request } = prepared;
      stream.push(request.streamId);
      expected.push(prepared.expected);
      count.push(request.events.length);
      owner.push(request.owner);
      actor.push(request.actor);
      correlationId.push(request.correlationId);
      causationId.push(request.causationId);
      document.push(prepared.document);
      request.events.forEach((event, i) => {
        command.push(index + 1);
        eventId.push(event.id);
        type.push(event.type);
        schemaVersion.push(event.schemaVersion);
        data.push(prepared.data[i]!);
        sealed.push(prepared.sealed[i]!);
        hash.push(prepared.hashes[i]!);
      });
    });
    return [
      origin,
      together,
      this.projections,
      plain(stream),
      plain(expected),
      plain(count),
      texts(owner),
      texts(actor),
      texts(correlationId),
      texts(causationId),
      texts(document),
      plain(command),
      plain(eventId),
      texts(type),
      plain(schemaVersion),
      texts(data),
      `{${sealed.map((hex) => (hex === null ? 'NULL' : hexBytes(hex))).join(',')}}`,
      `{${hash.map(hexBytes).join(',')}}`,
    ];
  }

  /** The answer's rows (in array mode) in order of the commands. */
  outcomes(rows: readonly unknown[]): CommandOutcome[] {
    return (rows as OutcomeRow[]).map(([outcome, version, first, last, recordedAt]) => ({
      outcome: OUTCOMES[outcome]!,
      version,
      firstPosition: Number(first ?? 0),
      lastPosition: Number(last ?? 0),
      recordedAt: recordedAt ?? 0,
    }));
  }
}

const PARAMETERS = Array.from({ length: 18 });

/** A name for a prepared statement: short enough for PostgreSQL (63 bytes) whatever the schema is called. */
export const statementName = (statement: string, schema: string): string =>
  `${statement}_${createHash('sha256').update(schema).digest('hex').slice(0, 12)}`;

const plain = (items: readonly (string | number)[]): string => `{${items.join(',')}}`;

const texts = (items: readonly (string | null)[]): string => `{${items.map(quoted).join(',')}}`;

const ESCAPED = /["\\]/g;
const quoted = (text: string | null): string =>
  text === null ? 'NULL' : `"${text.replace(ESCAPED, '\\$&')}"`;

const hexBytes = (hex: string): string => `"\\\\x${hex}"`;
