import { Clients } from './clients.js';
import { check, type Finding, PROMISES } from './check.js';
import { createKey } from './create-key.js';
import { readTables } from './database.js';
import { Forger } from './forger.js';
import { groupBy } from './group-by.js';
import { wreakHavoc } from './havoc.js';
import { Installation, LEASE_MS, type Program } from './installation.js';
import { Operator } from './operator.js';
import { OWNERS, planOf, type RunOptions } from './plan.js';
import { settle } from './settle.js';
import { SilenceWatch } from './silence.js';

export interface ChaosReport {
  readonly options: RunOptions;
  readonly figures: Readonly<Record<string, number | string>>;
  /** By promise; 0 is kept. */
  readonly promises: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
  readonly isKept: boolean;
}

/**
 * One run: an installation of several replicas works while it is broken again and again, then everything is put right and the
 * books are compared. Schedule, clients and faults follow from the seed; what the processes make of them depends on the
 * machine as well.
 */
export const runChaos = async (
  options: RunOptions,
  program: Program,
  say: (line: string) => void,
): Promise<ChaosReport> => {
  const plan = planOf(options, LEASE_MS);
  say(
    `seed ${options.seed}: ${options.tasks} tasks, ${options.replicas} replicas, ${plan.strikes.length} strikes`,
  );
  const installation = await Installation.start(plan, program);
  try {
    const keys = await Promise.all(
      Array.from({ length: OWNERS }, (_, n) => createKey(installation, `owner-${n}`, SCOPES)),
    );
    const operator = new Operator(installation.url, new Map(keys.map((key, n) => [`owner-${n}`, key])));
    const clients = new Clients(installation.url, keys, `run${options.seed}`);
    const forger = new Forger(installation.url, clients.accepted);
    await installation.provider.setFaults(plan.faults);

    say('the installation works, the storm begins');
    const progress = setInterval(
      () =>
        say(`  ${clients.accepted.length} accepted, answers ${[...clients.answers].map(String).join(' ')}`),
      PROGRESS_EVERY_MS,
    );
    const onDuty = operator.watch();
    const forging = forger.run();
    const stormStartedAt = performance.now();
    const silence = new SilenceWatch(clients, installation, say);
    const stormEnds = new AbortController();
    const storm = Promise.all([wreakHavoc(installation, plan), clients.submitAll(plan.wishes)]);
    const [havoc] = await Promise.race([storm, silence.watch(stormEnds.signal)]).finally(() =>
      stormEnds.abort(),
    );
    const stormMs = performance.now() - stormStartedAt;
    clearInterval(progress);
    forger.stop();
    operator.endWatch();
    await Promise.all([onDuty, forging]);
    const hungStarts = installation.replicas.flatMap((replica) => replica.hungStarts);
    hungStarts.forEach((said) => say(`a start was given up: ${said}`));
    say(`the storm is over after ${seconds(stormMs)} s: ${clients.accepted.length} accepted`);

    const settlement = await settle(installation, operator, options.tasks);
    const exitCodes = await installation.stopReplicas();
    say(`settled after ${seconds(settlement.tookMs)} s`);

    const [tables, ledger] = [await readTables(installation.database), await installation.provider.ledger()];
    const verified = await installation.cli('projections', 'verify', '--json');
    const audited = await installation.cli('audit', 'verify', '--json');
    const findings: Finding[] = [
      ...check({ accepted: clients.accepted, ledger, tables }),
      ...clients.violations.map((what) => ({ promise: CLIENTS, what })),
      ...installation.replicas.flatMap(({ deaths }) => deaths).map((what) => ({ promise: LIVES, what })),
      ...exitCodes
        .filter((code, n) => code !== 0 && !havoc.down.some((said) => said.startsWith(`replica ${n}:`)))
        .map((code) => ({ promise: STOPS, what: `exit code ${code}` })),
      ...havoc.down.map((what) => ({ promise: COMES_UP, what })),
      ...(forger.believed > 0 ? [{ promise: FORGERIES, what: `${forger.believed} were answered 200` }] : []),
      ...(verified.code === 0 ? [] : [{ promise: REPLAY, what: verified.out + verified.err }]),
      ...(audited.code === 0 ? [] : [{ promise: CHAIN, what: audited.out + audited.err }]),
    ];
    const statuses = groupBy(tables.tasks, ({ status }) => status);
    const made = ledger.submits.filter(({ taskId }) => taskId !== null).length;
    return {
      options,
      figures: {
        'storm, s': seconds(stormMs),
        'settling, s': seconds(settlement.tookMs),
        'replicas killed': havoc.kills,
        'replicas frozen': havoc.freezes,
        'PostgreSQL stopped': havoc.postgresStops,
        'starts of replicas': installation.replicas.reduce((sum, { starts }) => sum + starts, 0),
        'longest start, s': seconds(
          Math.max(...installation.replicas.map((replica) => replica.longestStartMs)),
        ),
        'starts that hung': hungStarts.length,
        'longest without any answer, s': seconds(silence.longestMs),
        'strikes passed over': havoc.skipped,
        'answers to clients': [...clients.answers].map(([answer, count]) => `${answer}: ${count}`).join(', '),
        'tasks accepted': clients.accepted.length,
        'calls to submit': ledger.submits.length,
        'tasks made by the provider': made,
        'submits struck by a fault': ledger.submits.filter(({ fault }) => fault !== null).length,
        'status reads': ledger.counts.reads,
        'callbacks sent': ledger.callbacks.length,
        'forged callbacks sent':
          forger.sent + ledger.callbacks.filter(({ reason }) => reason === 'forged').length,
        events: tables.events.length,
        'unconfirmed after the storm': settlement.unconfirmedBefore,
        'resumed by the operator': operator.resumed,
        'resubmitted by the operator': operator.resubmitted.size,
        ...Object.fromEntries([...statuses].map(([status, tasks]) => [`in the end ${status}`, tasks.length])),
      },
      promises: Object.fromEntries(
        [...Object.keys(PROMISES), CLIENTS, LIVES, COMES_UP, STOPS, FORGERIES, REPLAY, CHAIN].map(
          (promise) => [promise, findings.filter((finding) => finding.promise === promise).length],
        ),
      ),
      findings,
      isKept: findings.length === 0,
    };
  } finally {
    await installation.close();
  }
};

const CLIENTS = 'clients are told 202, 429 or 503, and one task per key';
const LIVES = 'no replica ends by itself';
const COMES_UP = 'a replica that was killed comes up again';
const STOPS = 'SIGTERM ends a replica with exit code 0';
const FORGERIES = 'a callback with a wrong token is refused';
const REPLAY = 'every row equals the replay of its stream (projections verify)';
const CHAIN = 'hashes and chain are whole (audit verify)';

const PROGRESS_EVERY_MS = 5_000;

const SCOPES = 'tasks:write,tasks:read,operate,admin';

const seconds = (ms: number): number => Math.round(ms / 100) / 10;
