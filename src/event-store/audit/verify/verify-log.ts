import { type LogExport } from '../log-export.js';
import { type LogSeal } from '../log-seal.js';
import { type Database, SealRows } from '../seal-rows.js';
import { withoutBatch } from './batch-walk.js';
import { type Finding, inOrder } from './finding.js';
import { type ArchivedRange, StoredLog } from './stored-log.js';
import { verifyArchived } from './verify-archived.js';
import { type Range, type RangeReport, type RangeVerifier } from './verify-range.js';
import { verifyExport, verifySeals } from './verify-seals.js';

export interface VerifyOptions {
  readonly schema: string;
  /** First position; the batch that holds it is checked whole. Default 1. */
  readonly from?: number;
  /** Last position; the batch that holds it is checked whole. Default: the end of the log. */
  readonly to?: number;
  /** Evidence that was kept outside. */
  readonly exported?: LogExport;
  /** Fingerprints of the only keys that may have sealed. Default: any key. */
  readonly trustedKeys?: ReadonlySet<string>;
  /** Events of one range. Default 20,000. */
  readonly rangeSize?: number;
  /** Ends the check after the ranges under way. */
  readonly signal?: AbortSignal;
  /** Told after each range: events checked so far, of how many. */
  readonly onProgress?: (checked: number, total: number) => void;
}

export interface Verification {
  readonly logId: string;
  /** Where the log ends. */
  readonly head: number;
  /** Stretches within the span that was asked for that lie in files: only their batches were checked. */
  readonly archived: readonly ArchivedRange[];
  /** The span that was to be checked, by whole batches, behind what is archived. */
  readonly from: number;
  readonly to: number;
  /** Everything from `from` up to here was checked; less than `to` when it was stopped, or after the first fault. */
  readonly checkedTo: number;
  readonly events: number;
  readonly batches: number;
  readonly seals: number;
  readonly newestSeal: LogSeal | null;
  readonly keys: ReadonlyMap<string, number>;
  /** In order of position; empty: the log is what it says. */
  readonly findings: readonly Finding[];
}

const RANGE = 20_000;

/**
 * Checks the log against itself, its seals, and evidence from outside.
 *
 * Reads only, and may run while events are appended: it checks what is there when it begins. Ranges are given out in
 * order; after one with a fault none is begun, so the first fault found is the first one there is.
 *
 * @param lanes check ranges side by side, each one range at a time
 */
export const verifyLog = async (
  database: Database,
  lanes: readonly RangeVerifier[],
  options: VerifyOptions,
): Promise<Verification> => {
  const log = new StoredLog(database, options.schema);
  for (;;) {
    const archivedTo = await log.archivedTo();
    const verification = await verifyOnce(database, log, lanes, options, archivedTo);
    // What is archived while it is checked looks like a gap.
    if ((await log.archivedTo()) === archivedTo) return verification;
  }
};

const verifyOnce = async (
  database: Database,
  log: StoredLog,
  lanes: readonly RangeVerifier[],
  options: VerifyOptions,
  archivedTo: number,
): Promise<Verification> => {
  const { logId, lastBatch: head, lastEvent } = await log.extent();
  const { lastPosition } = await log.batchEndBefore(Math.min(options.from ?? 1, head + 1));
  const upTo = (await log.batchEndAt(Math.min(options.to ?? head, head))) ?? head;
  const [from, to] = [Math.max(lastPosition, archivedTo) + 1, Math.max(upTo, archivedTo)];
  const archived = (await log.archives()).filter((range) => range.lastPosition > lastPosition);

  const walk = await walkRanges(log, lanes, { from, to }, options);
  const findings = to === head && lastEvent > head ? [withoutBatch(head + 1)] : [];
  findings.push(...walk.findings);
  for (const range of archived) findings.push(...(await verifyArchived(log, range)));
  if (from === archivedTo + 1 && to === head) findings.push(...(await emptyStreams(log)));

  const rows = new SealRows(database, options.schema);
  const facts = { logId, head, trustedKeys: options.trustedKeys ?? null };
  const seals = await verifySeals(log, rows, facts, { from: lastPosition + 1, to });
  findings.push(...seals.findings);
  if (options.exported) findings.push(...(await verifyExport(log, rows, facts, options.exported)));
  return {
    logId,
    head,
    archived,
    from,
    to,
    checkedTo: walk.checkedTo,
    events: walk.events,
    batches: walk.batches,
    seals: seals.seals,
    newestSeal: seals.newest,
    keys: seals.keys,
    findings: inOrder(findings),
  };
};

interface Walk extends RangeReport {
  readonly checkedTo: number;
}

/** Gives out ranges in order to whoever is free. */
const walkRanges = async (
  log: StoredLog,
  lanes: readonly RangeVerifier[],
  { from, to }: { from: number; to: number },
  { rangeSize = RANGE, signal, onProgress }: VerifyOptions,
): Promise<Walk> => {
  const ranges = plan(log, from, to, rangeSize);
  const reports: (Range & RangeReport)[] = [];
  let isOver = false;
  const work = async (verify: RangeVerifier): Promise<void> => {
    try {
      while (!isOver && signal?.aborted !== true) {
        const { value: range } = await ranges.next();
        if (range === undefined) return;
        const report = await verify(range);
        reports.push({ ...range, ...report });
        if (report.findings.length > 0) isOver = true;
        onProgress?.(
          sum(reports, ({ after, upTo }) => upTo - after),
          to - from + 1,
        );
      }
    } finally {
      // Also when it failed: the others need not go on.
      isOver = true;
    }
  };
  await Promise.all(lanes.map(work));
  return {
    events: sum(reports, ({ events }) => events),
    batches: sum(reports, ({ batches }) => batches),
    findings: reports.flatMap(({ findings }) => findings),
    checkedTo: checkedTo(from, reports),
  };
};

/** Ranges of whole batches, one behind the other. Several may ask at once; each gets the next one. */
async function* plan(
  log: StoredLog,
  from: number,
  to: number,
  size: number,
): AsyncGenerator<Range, undefined> {
  for (let after = from - 1; after < to;) {
    const upTo = (await log.batchEndAt(Math.min(after + size, to))) ?? to;
    yield { after, upTo };
    after = upTo;
  }
}

/** There are no holes: ranges are given out in order, and each one that was begun was ended. */
const checkedTo = (from: number, reports: readonly (Range & RangeReport)[]): number => {
  let end = from - 1;
  for (const { upTo, findings } of [...reports].sort((a, b) => a.after - b.after)) {
    const [first] = findings;
    if (first) return Math.max(end, first.position - 1);
    end = upTo;
  }
  return end;
};

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

const emptyStreams = async (log: StoredLog): Promise<Finding[]> => {
  const found = await log.streamWithoutEvents();
  if (found === null) return [];
  const message = `The table of streams has stream ${found.streamId}, which has no event.`;
  return [{ position: found.firstPosition, fault: 'stream', message }];
};
