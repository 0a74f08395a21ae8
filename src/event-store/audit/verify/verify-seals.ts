import { keyIdOf, type LogSeal, sealDigest } from '../log-seal.js';
import { type LogExport } from '../log-export.js';
import { type SealRows } from '../seal-rows.js';
import { type Finding } from './finding.js';
import { SealCheck, type SealedLog } from './seal-check.js';
import { type StoredLog } from './stored-log.js';

/** The positions that are asked about. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface SealReport {
  /** How many were checked. */
  readonly seals: number;
  readonly newest: LogSeal | null;
  /** How many seals each key signed, by fingerprint. */
  readonly keys: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
}

const PAGE = 1_000;

/**
 * The seals of the database: those of the span, and those that cover more than there is.
 *
 * Whether the chain itself is right is checked elsewhere; here seals are held against the stored one.
 */
export const verifySeals = async (
  log: StoredLog,
  rows: SealRows,
  facts: SealedLog,
  { from, to }: Span,
): Promise<SealReport> => {
  const findings: Finding[] = [];
  const keys = new Map<string, number>();
  let newest: LogSeal | null = null;
  let seals = 0;
  // One before the span, so that the first one in it has something to follow from.
  const start = await rows.numberAt(from - 1);
  const [before = null] = start === 0 ? [] : await rows.page(start - 1, 1);
  const check = new SealCheck(facts, before);
  for (let after = start; ;) {
    const page = await rows.page(after, PAGE);
    const chains = await log.chainsAt(page.map(({ position }) => position));
    for (const seal of page) {
      if (seal.position > to && seal.position <= facts.head) continue;
      findings.push(...check.take(seal, chains.get(seal.position)));
      const key = keyIdOf(seal.publicKey);
      keys.set(key, (keys.get(key) ?? 0) + 1);
      seals += 1;
      newest = seal;
    }
    if (page.length < PAGE) return { seals, newest, keys, findings };
    after = page.at(-1)!.number;
  }
};

/** An export that was kept outside, against the log and the seals of the database. All of it, whatever the span is. */
export const verifyExport = async (
  log: StoredLog,
  rows: SealRows,
  facts: SealedLog,
  { head, seals }: LogExport,
): Promise<Finding[]> => {
  if (head.logId !== facts.logId) {
    const message = `The export is of log ${head.logId}, this is log ${facts.logId}.`;
    return [{ position: 1, fault: 'seal_log', message }];
  }
  const findings: Finding[] = [];
  const check = new SealCheck(facts, undefined);
  let agreed = 0;
  for (let index = 0; index < seals.length; index += PAGE) {
    const page = seals.slice(index, index + PAGE);
    const chains = await log.chainsAt(page.map(({ position }) => position));
    const stored = new Map((await rows.page(page[0]!.number - 1, PAGE)).map((seal) => [seal.number, seal]));
    for (const seal of page) {
      findings.push(...check.take(seal, chains.get(seal.position)).map(ofExport));
      if (chains.get(seal.position) === seal.chain) agreed = seal.position;
      const kept = stored.get(seal.number);
      if (kept === undefined || sealDigest(kept) !== sealDigest(seal)) {
        findings.push({
          position: seal.position,
          fault: 'export',
          message: `Seal ${seal.number} of the export is not the one in the database: seals were removed or made anew.`,
        });
      }
    }
  }
  return [...findings, ...(await headFindings(log, facts, head, agreed))];
};

const ofExport = ({ position, fault, message }: Finding): Finding => ({
  position,
  fault: fault === 'seal_chain' ? 'export' : fault,
  message: `In the export: ${message}`,
});

/** The head of an export is where the log ended: a batch ended there, and one must still. */
const headFindings = async (
  log: StoredLog,
  facts: SealedLog,
  { position, chain, exportedAt }: LogExport['head'],
  agreed: number,
): Promise<Finding[]> => {
  if (position === 0) return [];
  const when = exportedAt.toISOString();
  if (position > facts.head) {
    const message = `Positions ${facts.head + 1} to ${position} are missing: they were there at the export of ${when}.`;
    return [{ position: facts.head + 1, fault: 'tail_missing', message }];
  }
  const chains = await log.chainsAt([position]);
  if (chains.get(position) === chain) return [];
  const message = `Something between ${agreed + 1} and ${position} was rewritten since the export of ${when}.`;
  return [{ position: agreed + 1, fault: 'export', message }];
};
