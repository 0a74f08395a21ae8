import { CommandBus } from '@nestjs/cqrs';
import { Command } from 'commander';
import { EraseTask, OwnerEraser } from '../tasks/index.js';
import { type CliContext, withApplication } from './context.js';
import { Output } from './output.js';
import { taskId } from './task-id.js';

const CAUSE = { actor: 'cli', correlationId: null };
const AT_ONCE = 1_000;
const NOTICE = 'Backups, the write-ahead log and relays keep their copies until they age out.';

interface EraseOptions {
  owner?: string;
  reason?: string;
  json?: boolean;
}

/** erase ID, or erase --owner O: destroys data keys, so that what is sealed never opens again. */
export const eraseCommand = (context: CliContext): Command =>
  new Command('erase')
    .description('destroy the data key of a task that has ended; --owner: of all ended tasks of an owner')
    .argument('[id]', 'of the task', taskId)
    .option('--owner <owner>', 'every task of this owner that has ended')
    .option('--reason <text>', 'why; only a keyed digest of it is kept')
    .option('--json', 'print JSON')
    .action((id: string | undefined, { owner, reason, json = false }: EraseOptions, command: Command) => {
      if ((id === undefined) === (owner === undefined))
        command.error('error: give either an id or --owner', { exitCode: 2 });
      return withApplication(context, async (app) => {
        if (id !== undefined) {
          await app.get(CommandBus).execute(new EraseTask(id, null, reason ?? null, CAUSE));
          new Output(json).result({ erased: [id] }, [`Task ${id} is erased. ${NOTICE}`]);
          return;
        }
        let erased = 0;
        for (let hasMore = true; hasMore;) {
          const step = await app.get(OwnerEraser).erase(owner!, reason ?? null, CAUSE, AT_ONCE);
          erased += step.erased;
          hasMore = step.hasMore;
        }
        new Output(json).result({ owner, erased }, [`${erased} task(s) of ${owner} erased. ${NOTICE}`]);
      });
    });
