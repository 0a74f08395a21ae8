import { Command } from 'commander';
import { Recovery } from '../tasks/index.js';
import { type CliContext, withApplication } from './context.js';
import { Output } from './output.js';

const CAUSE = { actor: 'cli', correlationId: null };

interface RecoverOptions {
  nothingLost?: boolean;
  json?: boolean;
}

/** recover: an operator's answer to a restored database, after which sending goes on. */
export const recoverCommand = (context: CliContext): Command =>
  new Command('recover')
    .description('after a restore: nothing that may have been sent is sent again; then submissions go on')
    .option('--nothing-lost', 'the log is complete (a clean dump, a lossless failover): no task is moved')
    .option('--json', 'print JSON')
    .action(({ nothingLost = false, json = false }: RecoverOptions) =>
      withApplication(context, async (app) => {
        const output = new Output(json);
        const { moved, erased, upTo } = await app
          .get(Recovery)
          .run(nothingLost, CAUSE, (count) => output.progress(`${count} tasks moved to unconfirmed`));
        output.result({ nothing_lost: nothingLost, moved, erased, up_to_position: upTo }, [
          nothingLost
            ? 'No task was moved: you state that nothing was lost.'
            : `${moved} task(s) accepted up to position ${upTo} wait as unconfirmed.`,
          ...(erased > 0 ? [`${erased} erased task(s) had come back and were erased again.`] : []),
          'Submissions go on, unless somebody paused them.',
        ]);
      }),
    );
