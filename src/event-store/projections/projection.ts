import { type StoredEvent } from '../event-store.js';
import { type ColumnType, type ColumnValue } from './copy-format.js';

/** An event as a projection is given it again: what rows are made from, nothing about who caused it. */
export type ReplayedEvent = Pick<
  StoredEvent,
  'position' | 'streamId' | 'version' | 'id' | 'type' | 'schemaVersion' | 'owner' | 'recordedAt' | 'data'
> & {
  /** Only of the types that the projection carries, else null. */
  readonly sealed: Buffer | null;
};

/** A table as the projection fills it. */
export interface ProjectedTable {
  readonly name: string;
  /** All of its columns, in the order of the rows given here. */
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** Columns that are named when they differ, but never shown. */
  readonly secret: readonly string[];
}

/** One row per stream: the fold of its events. */
export interface StreamTable extends ProjectedTable {
  /** The column of the stream's id, which is the primary key, and the one of its version. */
  readonly key: string;
  readonly version: string;
  /** Of all events of a stream, in order of version; null for a stream that has no row, such as one of another kind. */
  readonly row: (events: readonly ReplayedEvent[]) => readonly ColumnValue[] | null;
}

/** Rows that single events leave behind for ever. */
export interface EventTable extends ProjectedTable {
  /** The columns of the primary key, and the one of the stream's id. */
  readonly key: readonly string[];
  readonly stream: string;
  /** Only events of these types leave a row. */
  readonly types: readonly string[];
  readonly row: (event: ReplayedEvent) => readonly ColumnValue[];
}

/**
 * A read model that is written inline with the append and can be made again from the log alone.
 *
 * The functions are pure, and made of what the live rows are made of: the same events give the same rows, byte by byte.
 */
export interface InlineProjection {
  readonly name: string;
  /** Types of events whose sealed parts are copied into rows. */
  readonly carries: readonly string[];
  readonly streams: StreamTable;
  readonly events: readonly EventTable[];
}

export const tablesOf = ({ streams, events }: InlineProjection): readonly ProjectedTable[] => [
  streams,
  ...events,
];
