import { Command, InvalidArgumentError } from 'commander';
import { isUuid } from '../shared/ids.js';
import { type CliContext } from './context.js';
import { Output, table } from './output.js';
import { withSubscriptions } from './subscriptions.command.js';

interface Options {
  subscription?: string;
  stream?: string;
  json?: boolean;
}

/** parked list | redrive: streams that a subscription put aside, because an event of theirs cannot be handled. */
export const parkedCommand = (context: CliContext): Command => {
  const parked = new Command('parked').description('streams that a subscription put aside');
  selecting(parked.command('list'))
    .description('those longest parked first')
    .action(({ subscription, stream, json = false }: Options) =>
      withSubscriptions(context, async (operator) => {
        const all = await operator.parked({ subscription, streamId: stream });
        const rows = all.map((entry) => [
          entry.subscription,
          entry.streamId,
          String(entry.position),
          entry.type,
          entry.error,
          String(entry.attempts),
          String(entry.waiting),
          entry.nextAttemptAt.toISOString(),
        ]);
        const head = [
          'SUBSCRIPTION',
          'STREAM',
          'POSITION',
          'TYPE',
          'ERROR',
          'ATTEMPTS',
          'WAITING',
          'NEXT ATTEMPT',
        ];
        new Output(json).result(all, rows.length > 0 ? table([head, ...rows]) : ['Nothing is parked.']);
      }),
    );
  selecting(parked.command('redrive'))
    .description('try them again now, in the order of their events; without options all')
    .action(({ subscription, stream, json = false }: Options) =>
      withSubscriptions(context, async (operator) => {
        const redriven = await operator.redrive({ subscription, streamId: stream });
        new Output(json).result({ redriven }, [`${redriven} stream(s) are tried again by their workers.`]);
      }),
    );
  return parked;
};

const selecting = (command: Command): Command =>
  command
    .option('--subscription <name>', 'only of this subscription')
    .option('--stream <id>', 'only this stream', streamId)
    .option('--json', 'print JSON');

const streamId = (text: string): string => {
  if (!isUuid(text)) throw new InvalidArgumentError('The id of a stream, please: a lower-case UUID.');
  return text;
};
