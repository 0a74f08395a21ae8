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
 * A column of numbers or ids travels as an array literal, a column of texts as one text joined by U+001E (which no JSON
 * text contains), bytes lie one behind the other in one parameter: nothing is quoted here and unquoted there. The driver's
 * own conversion of arrays costs several times as much per event, and this is the hottest code of the store.
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
    this.projections = array(inlineProjections.map((name) => JSON.stringify(name)));
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
    const sealed: Buffer[] = [];
    const sealedFrom: (number | 'NULL')[] = [];
    const sealedLength: number[] = [];
    const hash: Buffer[] = [];
    let sealedBytes = 0;
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
        hash.push(prepared.hashes[i]!);
        const part = prepared.sealed[i]!;
        // SQL counts bytes from 1.
        sealedFrom.push(part === null ? 'NULL' : sealedBytes + 1);
        sealedLength.push(part?.length ?? 0);
        if (part === null) return;
        sealed.push(part);
        sealedBytes += part.length;
      });
    });
    return [
      origin,
      together,
      this.projections,
      array(stream),
      array(expected),
      array(count),
      joined(owner),
      joined(actor),
      joined(correlationId),
      joined(causationId),
      joined(document),
      array(command),
      array(eventId),
      joined(type),
      array(schemaVersion),
      joined(data),
      Buffer.concat(sealed, sealedBytes),
      array(sealedFrom),
      array(sealedLength),
      Buffer.concat(hash),
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

const PARAMETERS = Array.from({ length: 20 });

/** A name for a prepared statement: short enough for PostgreSQL (63 bytes) whatever the schema is called. */
export const statementName = (statement: string, schema: string): string =>
  `${statement}_${createHash('sha256').update(schema).digest('hex').slice(0, 12)}`;

const array = (items: readonly (string | number)[]): string => `{${items.join(',')}}`;

/** Null as the empty text: none of the texts is empty. */
const joined = (texts: readonly (string | null)[]): string => texts.join('\u001e');
