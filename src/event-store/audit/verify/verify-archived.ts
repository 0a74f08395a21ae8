import { chainLink, eventHashBytes } from '../../event-hash.js';
import { wrongChain, wrongHash } from './batch-walk.js';
import { type Finding } from './finding.js';
import { type ArchivedRange, type StoredLog } from './stored-log.js';

/** Batches that are in memory at a time. */
const PAGE = 20_000;

/**
 * What the database still says of an archived stretch: its batches follow from each other, and the events that stayed are
 * what their hashes were taken of. That the digests are those of the archived events, only the file can tell.
 */
export const verifyArchived = async (log: StoredLog, range: ArchivedRange): Promise<Finding[]> => [
  ...(await verifyBatches(log, range)),
  ...(await verifyKept(log, range)),
];

const verifyBatches = async (
  log: StoredLog,
  { firstPosition, lastPosition }: ArchivedRange,
): Promise<Finding[]> => {
  let before = await log.batchEndBefore(firstPosition);
  while (before.lastPosition < lastPosition) {
    const batches = await log.batches(before.lastPosition, lastPosition, PAGE);
    for (const batch of batches) {
      const recordedAt = new Date(Math.floor(batch.recordedUs / 1_000));
      const chain = chainLink(before.chain, batch.lastPosition, recordedAt, batch.digest);
      if (before.lastPosition + batch.events !== batch.lastPosition || !chain.equals(batch.chain))
        return [wrongChain(before.lastPosition + 1, batch.lastPosition)];
      before = batch;
    }
    if (batches.length === 0) return [wrongChain(before.lastPosition + 1, lastPosition)];
  }
  return [];
};

const verifyKept = async (
  log: StoredLog,
  { firstPosition, lastPosition, kept, keptNow, file }: ArchivedRange,
): Promise<Finding[]> => {
  const findings: Finding[] = [];
  for await (const page of log.events(firstPosition - 1, lastPosition)) {
    for (const event of page) if (!eventHashBytes(event).equals(event.hash)) findings.push(wrongHash(event));
  }
  if (kept !== keptNow) {
    const message = `Of the archived positions ${firstPosition} to ${lastPosition} ${keptNow} events are in the database; ${kept} stayed when ${file} was written.`;
    findings.push({ position: firstPosition, fault: 'archive', message });
  }
  return findings;
};
