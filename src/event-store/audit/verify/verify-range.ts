import { BatchWalk } from './batch-walk.js';
import { type Finding, inOrder } from './finding.js';
import { type StoredLog } from './stored-log.js';
import { brokenVersions, StreamWalk } from './stream-walk.js';

/** A range of whole batches: events behind `after` up to `upTo`, both ends of batches. */
export interface Range {
  readonly after: number;
  readonly upTo: number;
}

export interface RangeReport {
  readonly events: number;
  readonly batches: number;
  /** In order of position; empty when the range holds. */
  readonly findings: readonly Finding[];
}

/** Checks one range, wherever it does so. */
export type RangeVerifier = (range: Range) => Promise<RangeReport>;

/**
 * Checks a range against the stored end of the batch before it. Ranges that hold one by one hold together, because each
 * begins with the chain that the one before it has been checked to end with.
 */
export const verifyRange = async (log: StoredLog, { after, upTo }: Range): Promise<RangeReport> => {
  const before = await log.batchEndBefore(after + 1);
  const batches = await log.batches(after, upTo);
  const walk = new BatchWalk(before, batches);
  const streams = new StreamWalk();
  const findings: Finding[] = [];
  let events = 0;
  let broken: Finding | null = null;
  for await (const page of log.events(after, upTo)) {
    for (const event of page) {
      broken ??= walk.take(event);
      const gap = streams.take(event);
      if (gap !== null) findings.push(gap);
    }
    events += page.length;
  }
  broken ??= walk.end();
  if (broken !== null) findings.unshift(broken);
  findings.push(...(await suspectStreams(log, streams)));
  return { events, batches: batches.length, findings: inOrder(findings) };
};

const suspectStreams = async (log: StoredLog, streams: StreamWalk): Promise<Finding[]> => {
  const met = streams.met;
  const starts = new Map(met.map((start) => [start.streamId, start]));
  return (await log.suspects(met)).flatMap(({ streamId, hasPredecessor, disagreesAt }) => {
    const start = starts.get(streamId)!;
    return [
      ...(hasPredecessor ? [] : [brokenVersions(start, null)]),
      ...(disagreesAt === null ? [] : [wrongRow(streamId, disagreesAt)]),
    ];
  });
};

const wrongRow = (streamId: string, position: number): Finding => ({
  position,
  fault: 'stream',
  message: `The table of streams disagrees with the events of stream ${streamId}.`,
});
