import { type Finding, inOrder } from '../audit/verify/finding.js';
import { type StoredLog } from '../audit/verify/stored-log.js';
import { readArchive, type ReadArchive } from './read-archive.js';

/** A file of archived events, held against the log it came from. */
export interface ArchiveVerification extends ReadArchive {
  /** True: the very bytes that were written when the stretch was archived. Null: it is not archived. */
  readonly isOriginal: boolean | null;
}

/**
 * Checks a file alone, then against the chain of the log, which goes on over what is archived, and against the events that
 * stayed in the database. When the file's own chain ends where the log's does, every event in it is the one that was
 * committed: each link covers all before it.
 *
 * @throws EvidenceFileError it cannot be read, or is not an archive
 */
export const verifyArchive = async (log: StoredLog, path: string): Promise<ArchiveVerification> => {
  const kept = new Map<number, string>();
  const archives = await log.archives();
  for (const { firstPosition, lastPosition, keptNow } of archives) {
    if (keptNow === 0) continue;
    for await (const page of log.events(firstPosition - 1, lastPosition))
      for (const { position, hash } of page) kept.set(position, hash.toString('hex'));
  }
  const changed: Finding[] = [];
  const read = await readArchive(path, ({ position, type, hash }) => {
    const stored = kept.get(position);
    if (stored === undefined || stored === hash.toString('hex')) return;
    const message = `${type} stayed in the database, and is another one there than in the archive.`;
    changed.push({ position, fault: 'archive', message });
  });
  const { header, checkedTo, findings, sha256 } = read;
  const recorded = archives.find(({ firstPosition }) => firstPosition === header.firstPosition);
  return {
    ...read,
    isOriginal: recorded === undefined ? null : recorded.sha256 === sha256,
    findings: inOrder([
      ...findings,
      ...(await againstLog(log, read)),
      ...changed.filter(({ position }) => position <= checkedTo),
    ]),
  };
};

const againstLog = async (log: StoredLog, { header, checkedTo, chain }: ReadArchive): Promise<Finding[]> => {
  const { logId } = await log.extent();
  const { firstPosition, before } = header;
  const at = (position: number, message: string): Finding => ({ position, fault: 'archive', message });
  if (header.logId !== logId)
    return [at(firstPosition, `The archive is of log ${header.logId}, this is log ${logId}.`)];
  const start = await log.batchEndBefore(firstPosition);
  if (start.lastPosition !== before.lastPosition || !start.chain.equals(before.chain)) {
    return [
      at(firstPosition, `What is before position ${firstPosition} is another history than the archive says.`),
    ];
  }
  const chains = await log.chainsAt([checkedTo]);
  if (checkedTo < firstPosition || chains.get(checkedTo) === chain) return [];
  return [
    at(
      firstPosition,
      `Positions ${firstPosition} to ${checkedTo} are another history in the archive than in the log (the chain differs).`,
    ),
  ];
};
