import { createWriteStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { EvidenceFileError } from '../audit/audit.errors.js';
import { BatchWalk } from '../audit/verify/batch-walk.js';
import { type StoredLog } from '../audit/verify/stored-log.js';
import { batchLine, endLine, eventLine, headerLine } from './archive-file.js';
import { ArchiveRefusedError } from './archive.errors.js';

export interface ArchiveRange {
  readonly firstPosition: number;
  readonly lastPosition: number;
}

/** Positions per query for batches. */
const STEP = 5_000;

/**
 * Writes a stretch of whole batches into a new file, checking it on the way. Until the file is complete and on the disk it
 * has another name, so what has the name is whole.
 *
 * @throws ArchiveRefusedError the stretch does not hold: a log that was tampered with stays where it can be looked at
 * @throws EvidenceFileError the file cannot be written
 */
export const writeArchive = async (
  log: StoredLog,
  range: ArchiveRange,
  path: string,
  onProgress?: (position: number) => void,
): Promise<void> => {
  const unfinished = `${path}.part`;
  try {
    const file = createWriteStream(unfinished, { flush: true });
    await pipeline(Readable.from(archiveText(log, range, onProgress)), createGzip(), file);
    await rename(unfinished, path);
    await flushFolder(dirname(path));
  } catch (error) {
    if (error instanceof ArchiveRefusedError) throw error;
    if (typeof (error as { syscall?: unknown }).syscall !== 'string') throw error;
    throw new EvidenceFileError(path, error);
  }
};

/** Pieces of text, a few thousand positions each: as many as one query gives are in memory. */
async function* archiveText(
  log: StoredLog,
  { firstPosition, lastPosition }: ArchiveRange,
  onProgress?: (position: number) => void,
): AsyncGenerator<string> {
  const { logId } = await log.extent();
  let before = await log.batchEndBefore(firstPosition);
  yield headerLine({ logId, firstPosition, lastPosition, before });
  let [events, batches] = [0, 0];
  while (before.lastPosition < lastPosition) {
    const after = before.lastPosition;
    const upTo = (await log.batchEndAt(Math.min(after + STEP, lastPosition))) ?? lastPosition;
    const coming = await log.batches(after, upTo);
    const walk = new BatchWalk(before, coming);
    let next = 0;
    for await (const page of log.events(after, upTo)) {
      let piece = '';
      for (const event of page) {
        const fault = walk.take(event);
        if (fault !== null) refuse(fault.position, fault.message);
        if (event.position > (coming[next - 1]?.lastPosition ?? after)) piece += batchLine(coming[next++]!);
        piece += eventLine(event);
      }
      events += page.length;
      yield piece;
    }
    const fault = walk.end();
    if (fault !== null) refuse(fault.position, fault.message);
    batches += coming.length;
    before = coming.at(-1)!;
    onProgress?.(upTo);
  }
  yield endLine(events, batches);
}

const refuse = (position: number, message: string): never => {
  throw new ArchiveRefusedError(
    `the log does not hold from position ${position} on, see "audit verify" (${message.replace(/\.$/, '')})`,
  );
};

/** The name is on the disk as well. */
const flushFolder = async (path: string): Promise<void> => {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};
