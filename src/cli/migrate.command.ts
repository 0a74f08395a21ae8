import { Command } from 'commander';
import { grantRole, migrate, type RoleKind } from '../database/index.js';
import { type CliContext, withDatabase } from './context.js';
import { Output } from './output.js';

interface MigrateOptions {
  grantRun?: string;
  grantAudit?: string;
  json?: boolean;
}

export const migrateCommand = (context: CliContext): Command =>
  new Command('migrate')
    .description('bring the database schema up to date; two at once are safe')
    .option('--grant-run <role>', 'then give this role what the server needs, and nothing beyond')
    .option('--grant-audit <role>', 'then let this role read the log and the public part of tasks')
    .option('--json', 'print JSON')
    .action(({ grantRun, grantAudit, json = false }: MigrateOptions) =>
      withDatabase(context, async (database, config) => {
        const place = { url: database.url, schema: config.database.schema };
        const applied = await migrate(place);
        const roles: Partial<Record<RoleKind, string>> = { run: grantRun, audit: grantAudit };
        const granted = Object.entries(roles).filter(([, role]) => role !== undefined) as [
          RoleKind,
          string,
        ][];
        for (const [kind, role] of granted) await grantRole(place, kind, role);
        new Output(json).result({ schema: place.schema, applied, granted: Object.fromEntries(granted) }, [
          ...(applied.length > 0 ? applied.map((name) => `applied ${name}`) : ['The schema is up to date.']),
          ...granted.map(([kind, role]) => `granted ${kind} to ${role}`),
        ]);
      }),
    );
