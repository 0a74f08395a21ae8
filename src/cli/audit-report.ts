import { keyIdOf, type Verification } from '../event-store/index.js';

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

export const verificationJson = (verification: Verification): object => {
  const { newestSeal, keys, findings } = verification;
  return {
    ok: findings.length === 0 && verification.checkedTo === verification.to,
    log: verification.logId,
    head: verification.head,
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

export const verificationText = (verification: Verification): string[] => {
  const { head, from, to, events, batches, seals, keys } = verification;
  return [
    `log ${verification.logId}, positions ${from} to ${to} of ${head}`,
    `checked ${events} events in ${batches} batches, and ${seals} seals`,
    ...[...keys].map(([key, count]) => `  ${count} signed by key ${key}`),
    sealText(verification),
    '',
    ...verdict(verification),
  ];
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
