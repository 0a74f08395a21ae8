import { keyIdOf, type Verification } from '../event-store/index.js';
import { type FullVerification } from './run-verification.js';

/*
 * What `audit verify` says.
 */

/** True when somebody ended the check before it had found anything or come to the end. */
export const isStopped = ({ checkedTo, to, findings }: Verification): boolean =>
  checkedTo < to && findings.length === 0;

/** The command that checks the rest; null when nothing was left out. */
const goOn = (verification: Verification): string | null =>
  isStopped(verification)
    ? `genledger audit verify --from ${verification.checkedTo + 1} --to ${verification.to}`
    : null;

export const verificationJson = (verification: FullVerification): object => {
  const { newestSeal, keys, findings, archive } = verification;
  return {
    ok: findings.length === 0 && verification.checkedTo === verification.to,
    log: verification.logId,
    head: verification.head,
    archived: verification.archived.map(({ firstPosition, lastPosition, file, sha256 }) => ({
      first_position: firstPosition,
      last_position: lastPosition,
      file,
      sha256,
    })),
    archive: archive && {
      first_position: archive.header.firstPosition,
      last_position: archive.header.lastPosition,
      checked_to: archive.checkedTo,
      events: archive.events,
      batches: archive.batches,
      sha256: archive.sha256,
      original: archive.isOriginal,
    },
    from: verification.from,
    to: verification.to,
    checked_to: verification.checkedTo,
    events: verification.events,
    batches: verification.batches,
    seals: verification.seals,
    newest_seal: newestSeal && {
      number: newestSeal.number,
      position: newestSeal.position,
      recorded_at: newestSeal.recordedAt.toISOString(),
      key: keyIdOf(newestSeal.publicKey),
    },
    keys: Object.fromEntries(keys),
    first_bad: findings[0] ?? null,
    findings,
    go_on: goOn(verification),
  };
};

export const verificationText = (verification: FullVerification): string[] => {
  const { head, from, to, events, batches, seals, keys } = verification;
  return [
    `log ${verification.logId}, positions ${from} to ${to} of ${head}`,
    ...archivedLines(verification),
    `checked ${events} events in ${batches} batches, and ${seals} seals`,
    ...[...keys].map(([key, count]) => `  ${count} signed by key ${key}`),
    sealText(verification),
    '',
    ...verdict(verification),
  ];
};

const archivedLines = ({ archived, archive }: FullVerification): string[] => {
  const [first, last] = [archived[0], archived.at(-1)];
  const lines =
    first && last
      ? [
          `positions ${first.firstPosition} to ${last.lastPosition} are archived: their batches are checked here, their events with --file`,
          ...archived.map(
            ({ firstPosition, lastPosition, file }) => `  ${firstPosition} to ${lastPosition}  ${file}`,
          ),
        ]
      : [];
  if (archive === null) return lines;
  const { header, events, batches, isOriginal, sha256 } = archive;
  const which = `the archive of positions ${header.firstPosition} to ${header.lastPosition}`;
  const bytes =
    isOriginal === false && sha256 !== null ? '; the file was written anew, byte for byte it is another' : '';
  return [...lines, `checked ${events} events in ${batches} batches of ${which}${bytes}`];
};

const sealText = ({ newestSeal, to }: Verification): string => {
  if (newestSeal === null) return 'No seal covers these positions: the log proves itself only.';
  const unsealed = Math.max(0, to - newestSeal.position);
  return `The newest seal is number ${newestSeal.number}; ${unsealed} positions behind it are not sealed yet.`;
};

/** Findings behind the first often follow from it. */
const SHOWN = 10;

const verdict = (verification: Verification): string[] => {
  const { findings } = verification;
  if (isStopped(verification)) return [`Stopped. Go on with: ${goOn(verification)}`];
  if (findings.length === 0) return ['OK: hashes, chain, versions, streams and seals agree.'];
  return findings
    .slice(0, SHOWN)
    .map(({ position, fault, message }, index) =>
      index === 0
        ? `BAD from position ${position} (${fault}): ${message}`
        : `also position ${position} (${fault}): ${message}`,
    );
};
