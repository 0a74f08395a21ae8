import { type AppendCall } from './append-call.js';
import { InvalidAppendError, StreamConflictError } from './event-store.errors.js';
import { type AppendRequest, type AppendResult } from './event-store.js';
import { prepareAppend } from './prepared-append.js';

/** A connection within a transaction: a `pg` client, or TypeORM's QueryRunner or EntityManager. */
export interface AppendTransaction {
  /** Answers the rows, or an object that has them. */
  query(text: string, values: unknown[]): Promise<unknown>;
}

/** Nobody's name: so the notification after the commit is heard by the appending process too. */
const NO_ORIGIN = '';

export const appendInTransaction = async (
  call: AppendCall,
  transaction: AppendTransaction,
  requests: readonly AppendRequest[],
): Promise<AppendResult[]> => {
  if (requests.length === 0) return [];
  const prepared = requests.map(prepareAppend);
  if (new Set(requests.map((request) => request.streamId)).size !== requests.length) {
    throw new InvalidAppendError('A stream occurs twice in one append; put its events into one request.');
  }
  const rows = await run(
    transaction,
    rowsAsArrays(call.text),
    call.values(NO_ORIGIN, true, prepared),
    requests,
  );
  return call.outcomes(rows).map(({ outcome, recordedAt, version, firstPosition, lastPosition }) => ({
    version,
    firstPosition,
    lastPosition,
    recordedAt: new Date(recordedAt),
    duplicate: outcome === 'duplicate',
  }));
};

/** A host's connection gives rows as objects: one JSON array per row is the same for all of them. */
const rowsAsArrays = (text: string): string =>
  `select json_build_array(outcome, version, first_position, last_position, recorded_ms)::text as row
     from (${text}) answer (outcome, version, first_position, last_position, recorded_ms)`;

const run = async (
  transaction: AppendTransaction,
  text: string,
  values: unknown[],
  requests: readonly AppendRequest[],
): Promise<unknown[]> => {
  try {
    const answer = await transaction.query(text, values);
    const rows = (Array.isArray(answer) ? answer : (answer as { rows: unknown[] }).rows) as { row: string }[];
    return rows.map(({ row }) => JSON.parse(row) as unknown[]);
  } catch (error) {
    const { code, detail = '[]' } = databaseError(error);
    if (code === '25000') throw new InvalidAppendError('Events are appended in READ COMMITTED only.', error);
    if (code !== 'GL001') throw error;
    const [lost] = JSON.parse(detail) as { command: number; actual: number }[];
    const request = requests[lost!.command - 1]!;
    throw new StreamConflictError(request.streamId, request.expected, lost!.actual);
  }
};

/** TypeORM wraps the driver's error. */
const databaseError = (error: unknown): { code?: string; detail?: string } => {
  const { driverError } = error as { driverError?: unknown };
  return (driverError ?? error) as { code?: string; detail?: string };
};
