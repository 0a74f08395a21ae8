import pg from 'pg';
import { to as copyTo, type CopyToStreamQuery } from 'pg-copy-streams';
import { type JsonObject } from '../../shared/json.js';
import { CopyReader, CopyRow } from './copy-format.js';
import { within } from '../log-reader.js';
import { type ReplayedEvent } from './projection.js';

/** A part of the log: events behind `after` up to `upTo`. */
export interface LogRange {
  readonly after: number;
  readonly upTo: number;
}

export type OnRow = (row: CopyRow) => void;

/**
 * Of an event that was read, in this order. Its id comes as text: from 16 bytes it would be pieced together here. That of
 * the stream is compared with the one before and needed once per stream.
 */
export const FIELD = {
  position: 0,
  stream: 1,
  version: 2,
  id: 3,
  type: 4,
  schemaVersion: 5,
  owner: 6,
  recordedAt: 7,
  data: 8,
  sealed: 9,
} as const;
export const FIELDS = Object.keys(FIELD).length;

/** How much may wait between a connection and us: the database works on while we do. */
const BUFFERED = { highWaterMark: 1024 * 1024 };

/** A query that runs as a COPY in binary format: the database works on it already, nobody need wait for its rows yet. */
export class RunningCopy {
  private readonly pieces: CopyToStreamQuery;

  constructor(
    client: pg.ClientBase,
    query: string,
    private readonly fields: number,
  ) {
    this.pieces = client.query(copyTo(`copy (${query}) to stdout (format binary)`, BUFFERED));
    // Kept for whoever reads.
    this.pieces.on('error', (error) => this.pieces.destroy(error));
  }

  /** Once. No more is taken until `afterPiece`, which is called every few hundred rows, resolves. */
  async read(onRow: OnRow, afterPiece?: () => Promise<void>): Promise<void> {
    const reader = new CopyReader(this.fields);
    for await (const piece of this.pieces) {
      reader.take(piece as Buffer, onRow);
      await afterPiece?.();
    }
    reader.end();
  }
}

/**
 * Reads events for replaying them: by COPY, only what rows are made from, and sealed parts only of the types that are
 * carried.
 */
export class ReplayReader {
  private readonly schema: string;
  private readonly event: string;
  private readonly columns: string;

  constructor(
    private readonly client: pg.ClientBase,
    schema: string,
    carries: readonly string[],
  ) {
    this.schema = pg.escapeIdentifier(schema);
    this.event = `${this.schema}.event`;
    this.columns = `e.position, e.stream_id, e.version, e.event_id::text, e.type, e.schema_version, e.owner,
      e.recorded_at, e.data, case when e.type = any (${texts(carries)}) then e.sealed end`;
  }

  /** Events of a range: those of a stream together, in order of version. The database sorts them. */
  byStream({ after, upTo }: LogRange): RunningCopy {
    // Found by position and then sorted, whatever the planner thinks: in order of the other index each event would be
    // looked up in another place of the table.
    const query = `select ${this.columns} from (
        select * from ${this.event} where position > ${BigInt(after)} and position <= ${BigInt(upTo)}
         order by position offset 0) e
      order by e.stream_id, e.version`;
    return new RunningCopy(this.client, query, FIELDS);
  }

  /**
   * Whole streams, each together, in order of version.
   *
   * @param ids those without events are left out
   * @param types only events of these; null for all
   */
  async streams(
    ids: readonly string[],
    upTo: number,
    types: readonly string[] | null,
    onRow: OnRow,
    afterPiece?: () => Promise<void>,
  ): Promise<void> {
    const only = types === null ? '' : `and type = any (${texts(types)})`;
    for (let from = 0; from < ids.length; from += STREAMS_PER_QUERY) {
      const wanted = ids.slice(from, from + STREAMS_PER_QUERY);
      // Each stream is found by key, whatever the planner thinks of the table, in the partitions in which it lies.
      const query = `select ${this.columns} from unnest(${texts(wanted)}::uuid[]) as wanted (id)
        cross join lateral (
          select version, first_position, last_position from ${this.schema}.stream where stream_id = wanted.id limit 1) s
        cross join lateral (
          select * from ${this.event} where stream_id = wanted.id and position <= ${BigInt(upTo)} ${only}
             and ${within('s')}
            order by version offset 0) e`;
      await new RunningCopy(this.client, query, FIELDS).read(onRow, afterPiece);
    }
  }
}

const STREAMS_PER_QUERY = 1_000;

/** A list as COPY wants it, which takes no parameters. */
export const texts = (items: readonly string[]): string =>
  `array[${items.map((item) => pg.escapeLiteral(item)).join(',')}]::text[]`;

/** Puts events that lie together into streams. Feed it rows, and `end` it. */
export class StreamCollector {
  private streamId: string | null = null;
  private readonly streamBytes = Buffer.alloc(UUID_BYTES);
  private isTaken = false;
  private events: ReplayedEvent[] = [];

  /**
   * @param onStream told of each stream once the next one begins
   * @param isWanted asked with the first event of a stream; false leaves the stream out
   */
  constructor(
    private readonly decoder: EventDecoder,
    private readonly onStream: (events: readonly ReplayedEvent[]) => void,
    private readonly isWanted: (firstRow: CopyRow, streamId: string) => boolean = () => true,
  ) {}

  /** Answers the event; null when its stream is left out. */
  take(row: CopyRow): ReplayedEvent | null {
    if (this.streamId === null || !row.holds(FIELD.stream, this.streamBytes)) {
      this.end();
      row.copyTo(FIELD.stream, this.streamBytes);
      this.streamId = row.uuid(FIELD.stream);
      this.isTaken = this.isWanted(row, this.streamId);
    }
    if (!this.isTaken) return null;
    const event = this.decoder.event(row, this.streamId);
    this.events.push(event);
    return event;
  }

  end(): void {
    if (this.events.length > 0) this.onStream(this.events);
    this.events = [];
    this.streamId = null;
  }
}

/** From rows to events. */
export class EventDecoder {
  /** Texts that come again and again: one copy in memory, and quick to compare. */
  private readonly known = new Map<string, string>();
  private recordedMs = NaN;
  private recordedAt = new Date(NaN);

  event(row: CopyRow, streamId = row.uuid(FIELD.stream)): ReplayedEvent {
    return {
      position: row.number(FIELD.position),
      streamId,
      version: row.int(FIELD.version),
      id: row.latin1(FIELD.id),
      type: this.once(row.latin1(FIELD.type)),
      schemaVersion: row.short(FIELD.schemaVersion),
      owner: this.once(row.text(FIELD.owner)),
      recordedAt: this.instant(row.time(FIELD.recordedAt)),
      data: JSON.parse(row.text(FIELD.data)) as JsonObject,
      sealed: row.copyOf(FIELD.sealed),
    };
  }

  private once(text: string): string {
    const known = this.known.get(text);
    if (known !== undefined) return known;
    if (this.known.size >= MOST_KNOWN) this.known.clear();
    this.known.set(text, text);
    return text;
  }

  /** All events of a batch have the same. */
  private instant(ms: number): Date {
    if (ms !== this.recordedMs) this.recordedAt = new Date((this.recordedMs = ms));
    return this.recordedAt;
  }
}

const MOST_KNOWN = 10_000;
const UUID_BYTES = 16;
