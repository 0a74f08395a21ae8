import { Command } from 'commander';
import { migrate } from '../database/index.js';
import { type CliContext, withDatabase } from './context.js';
import { Output } from './output.js';

export const migrateCommand = (context: CliContext): Command =>
  new Command('migrate')
    .description('bring the database schema up to date; two at once are safe')
    .option('--json', 'print JSON')
    .action(({ json = false }: { json?: boolean }) =>
      withDatabase(context, async (database, config) => {
        const applied = await migrate({ url: database.url, schema: config.database.schema });
        new Output(json).result(
          { schema: config.database.schema, applied },
          applied.length > 0 ? applied.map((name) => `applied ${name}`) : ['The schema is up to date.'],
        );
      }),
    );
