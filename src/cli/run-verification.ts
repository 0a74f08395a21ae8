import { readFile } from 'node:fs/promises';
import { SingleBar } from 'cli-progress';
import { type Pool } from 'pg';
import { type ConnectionOptions } from '../database/index.js';
import {
  type ArchiveVerification,
  EvidenceFileError,
  inOrder,
  isArchive,
  keyIdOf,
  parseExport,
  publicKeyOf,
  RangeWorkers,
  type RangeVerifier,
  StoredLog,
  type Verification,
  verifyArchive,
  verifyLog,
  verifyRange,
} from '../event-store/index.js';
import { GenledgerError } from '../shared/errors.js';

export interface VerificationOptions {
  readonly from?: number;
  readonly to?: number;
  /** Path of an export, or of an archive. */
  readonly file?: string;
  /** Paths of PEM files with the only keys that may have sealed; empty: any. */
  readonly key: readonly string[];
  readonly threads: number;
  /** Whether progress is shown when standard error is a terminal. */
  readonly showProgress: boolean;
}

/** A check of what is not there must not end with "OK": whoever knows a position knows that it was there. */
class NoSuchPositionError extends GenledgerError {
  constructor(position: number, last: number) {
    super(
      'no_such_position',
      'conflict',
      `The log ends at position ${last}, there is no ${position}. If there was one, the log has been cut or restored: hold it against an export that was kept outside (--file).`,
    );
  }
}

/** Starting threads takes longer than checking a log of this many events. */
const WORTH_THREADS = 100_000;

export interface FullVerification extends Verification {
  /** The archive that was given. */
  readonly archive: ArchiveVerification | null;
}

/** Checks the log with progress on a terminal, in threads when it is long. Ctrl-C ends it after the ranges under way. */
export const runVerification = async (
  pool: Pool,
  place: ConnectionOptions,
  { from, to, file, key, threads, showProgress }: VerificationOptions,
): Promise<FullVerification> => {
  const isOfEvents = file !== undefined && (await isArchive(file));
  const exported = file === undefined || isOfEvents ? undefined : await readEvidence(file, parseExport);
  const keys = await Promise.all(key.map((path) => readEvidence(path, (pem) => keyIdOf(publicKeyOf(pem)))));
  const log = new StoredLog(pool, place.schema);
  const { lastBatch } = await log.extent();
  if (to !== undefined && to > lastBatch) throw new NoSuchPositionError(to, lastBatch);
  // Whoever goes on right behind what was checked last may find nothing new.
  if (from !== undefined && from > lastBatch + 1) throw new NoSuchPositionError(from, lastBatch);
  const isLong = Math.min(to ?? lastBatch, lastBatch) - (from ?? 1) > WORTH_THREADS;
  const workers = isLong && threads > 1 ? new RangeWorkers(threads, place) : null;
  const lanes: readonly RangeVerifier[] = workers?.lanes ?? [(range) => verifyRange(log, range)];
  const bar = showProgress && process.stderr.isTTY ? progressBar() : null;
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop);
  try {
    const archive = isOfEvents ? await verifyArchive(log, file) : null;
    bar?.start(1, 0);
    const verification = await verifyLog(pool, lanes, {
      schema: place.schema,
      from,
      to,
      exported,
      trustedKeys: keys.length > 0 ? new Set(keys) : undefined,
      signal: stopping.signal,
      onProgress: (checked, total) => {
        bar?.setTotal(total);
        bar?.update(checked);
      },
    });
    const findings = inOrder([...verification.findings, ...(archive?.findings ?? [])]);
    return { ...verification, archive, findings };
  } finally {
    bar?.stop();
    process.off('SIGINT', stop);
    await workers?.close();
  }
};

const readEvidence = async <T>(path: string, parse: (text: string) => T): Promise<T> => {
  try {
    return parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new EvidenceFileError(path, error);
  }
};

const progressBar = (): SingleBar =>
  new SingleBar({
    format: '{bar} {percentage}% | {value} of {total} positions | {eta_formatted} left',
    stream: process.stderr,
  });
