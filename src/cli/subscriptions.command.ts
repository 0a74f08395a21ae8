import { Command, InvalidArgumentError } from 'commander';
import { closePool, createPool } from '../database/index.js';
import { SubscriptionOperator, type SubscriptionStatus } from '../event-store/index.js';
import { type CliContext, withDatabase } from './context.js';
import { Output, table } from './output.js';

/** subscriptions list | restart: the readers of the log that keep their place. */
export const subscriptionsCommand = (context: CliContext): Command => {
  const subscriptions = new Command('subscriptions').description('readers of the log that keep their place');
  subscriptions
    .command('list')
    .description('how far each is, how far behind, who works on it, what it put aside')
    .option('--json', 'print JSON')
    .action(({ json = false }: { json?: boolean }) =>
      withSubscriptions(context, async (operator) => {
        const all = await operator.list();
        const head = ['SUBSCRIPTION', 'SHARD', 'POSITION', 'HEAD', 'BEHIND', 'SECONDS', 'PARKED', 'WORKER'];
        new Output(json).result(
          all,
          all.length > 0 ? table([head, ...all.flatMap(toLines)]) : ['No subscription was ever started.'],
        );
      }),
    );
  subscriptions
    .command('restart')
    .description('let one begin again behind a position; its handler sees all later events once more')
    .argument('<name>')
    .requiredOption('--after <position>', '0 for the beginning', position)
    .option('--json', 'print JSON')
    .action((name: string, { after, json = false }: { after: number; json?: boolean }) =>
      withSubscriptions(context, async (operator) => {
        await operator.restart(name, after);
        new Output(json).result({ subscription: name, after }, [
          `Subscription ${name} begins again behind position ${after}.`,
        ]);
      }),
    );
  return subscriptions;
};

export const withSubscriptions = (
  context: CliContext,
  work: (operator: SubscriptionOperator) => Promise<void>,
): Promise<void> =>
  withDatabase(context, async (database, { database: { schema } }) => {
    const pool = createPool({ url: database.url, schema, poolSize: 1 });
    try {
      await work(new SubscriptionOperator(pool, schema));
    } finally {
      await closePool(pool);
    }
  });

const toLines = ({ name, head, shards }: SubscriptionStatus): string[][] =>
  shards.map((shard) => [
    name,
    String(shard.shard),
    String(shard.position),
    String(head),
    String(shard.lagEvents),
    shard.lagSeconds.toFixed(1),
    String(shard.parked),
    shard.stopped !== null ? `stopped: ${shard.stopped}` : (shard.worker ?? 'nobody'),
  ]);

const position = (text: string): number => {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('A whole number, please.');
  return Number(text);
};
