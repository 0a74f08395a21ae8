import { Command } from 'commander';
import { OrphanReport, type ReportedOrphan } from '../tasks/index.js';
import { type CliContext, withApplication } from './context.js';
import { Output, table } from './output.js';

/** report orphans: what was paid, or may have been, and nobody got. */
export const reportCommand = (context: CliContext): Command => {
  const report = new Command('report').description('what somebody should look at');
  report
    .command('orphans')
    .description('provider tasks that were paid, or may have been, and were delivered to nobody')
    .option('--json', 'print JSON')
    .action(({ json = false }: { json?: boolean }) =>
      withApplication(context, async (app) => {
        const output = new Output(json);
        const orphans: ReportedOrphan[] = [];
        for await (const orphan of app.get(OrphanReport).all()) {
          orphans.push(orphan);
          if (orphans.length % 1_000 === 0) output.progress(`${orphans.length} found so far`);
        }
        output.result({ orphans: orphans.map(asJson) }, [
          ...(orphans.length > 0 ? [...table([HEADS, ...orphans.map(toLine)]), ''] : []),
          summary(orphans),
        ]);
      }),
    );
  return report;
};

const asJson = (orphan: ReportedOrphan): object => ({
  task_id: orphan.taskId,
  owner: orphan.owner,
  model: orphan.model,
  status: orphan.status,
  attempt: orphan.attempt,
  provider_task_id: orphan.providerTaskId,
  reason: orphan.reason,
  why: WHY[orphan.reason],
  paid: orphan.isCertain ? 'yes' : 'maybe',
  credits: orphan.credits,
  since: orphan.since.toISOString(),
});

const HEADS = ['TASK', 'OWNER', 'STATUS', 'ATTEMPT', 'PROVIDER TASK', 'PAID', 'CREDITS', 'SINCE', 'WHY'];

const toLine = (orphan: ReportedOrphan): string[] => [
  orphan.taskId,
  orphan.owner ?? '',
  orphan.status ?? '',
  String(orphan.attempt),
  orphan.providerTaskId ?? 'unknown',
  orphan.isCertain ? 'yes' : 'maybe',
  orphan.credits === null ? '' : String(orphan.credits),
  orphan.since.toISOString(),
  WHY[orphan.reason],
];

const WHY: Readonly<Record<ReportedOrphan['reason'], string>> = {
  outcome_unknown: 'nobody knows whether the call created a task',
  second_id: 'the answer named a second id for the attempt',
  id_in_use: 'the answer named an id that belongs elsewhere',
  surplus: 'another attempt was delivered',
  cancelled: 'the task was cancelled after it had been sent',
  expired: 'no verdict came in time',
  result_missing: 'finished, but its files never came',
  failed_but_charged: 'it failed and cost something',
  task_lost: 'the log has lost the task',
};

const summary = (orphans: readonly ReportedOrphan[]): string => {
  const credits = orphans.reduce((sum, orphan) => sum + (orphan.credits ?? 0), 0);
  return orphans.length === 0
    ? 'Nothing was paid for nobody, as far as the log knows.'
    : `${orphans.length} in all, ${credits} credits known to be spent.`;
};
