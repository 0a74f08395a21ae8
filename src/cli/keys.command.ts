import { Command, InvalidArgumentError } from 'commander';
import { KeyService, SCOPES, type Scope } from '../access/index.js';
import { type CliContext, withApplication } from './context.js';
import { Output, table } from './output.js';

interface CreateOptions {
  owner: string;
  scopes: Scope[];
  name?: string;
  json?: boolean;
}

/** keys create | list | revoke */
export const keysCommand = (context: CliContext): Command => {
  const keys = new Command('keys').description('API keys');
  keys
    .command('create')
    .description('make a key; it is shown once')
    .requiredOption('--owner <owner>', 'whose tasks it sees')
    .requiredOption('--scopes <a,b>', `comma-separated: ${SCOPES.join(', ')}`, parseScopes)
    .option('--name <name>', 'what it is for')
    .option('--json', 'print JSON')
    .action(({ owner, scopes, name, json = false }: CreateOptions) =>
      withApplication(context, async (app) => {
        const made = await app.get(KeyService).create({ owner, scopes, name: name ?? null });
        new Output(json).result({ id: made.id, owner: made.owner, scopes: made.scopes, key: made.key }, [
          `id      ${made.id}`,
          `owner   ${made.owner}`,
          `scopes  ${made.scopes.join(', ')}`,
          `key     ${made.key}`,
          '',
          'Keep the key: it is stored hashed and cannot be shown again.',
        ]);
      }),
    );
  keys
    .command('list')
    .description('all keys, without their secrets')
    .option('--json', 'print JSON')
    .action(({ json = false }: { json?: boolean }) =>
      withApplication(context, async (app) => {
        const all = await app.get(KeyService).list();
        const rows = all.map((key) => [
          key.id,
          key.owner,
          key.scopes.join(','),
          key.name ?? '',
          key.revokedAt ? 'revoked' : key.expiresAt && key.expiresAt < new Date() ? 'expired' : 'active',
          key.lastUsedAt?.toISOString() ?? 'never used',
        ]);
        new Output(json).result(
          all,
          table([['ID', 'OWNER', 'SCOPES', 'NAME', 'STATE', 'LAST USED'], ...rows]),
        );
      }),
    );
  keys
    .command('revoke')
    .description('end a key; servers notice within seconds')
    .argument('<id>')
    .option('--json', 'print JSON')
    .action((id: string, { json = false }: { json?: boolean }) =>
      withApplication(context, async (app) => {
        await app.get(KeyService).revoke(id);
        new Output(json).result({ id, revoked: true }, [`Key ${id} is revoked.`]);
      }),
    );
  return keys;
};

const parseScopes = (text: string): Scope[] => {
  const scopes = text.split(',').map((scope) => scope.trim()) as Scope[];
  const unknown = scopes.filter((scope) => !SCOPES.includes(scope));
  if (unknown.length > 0)
    throw new InvalidArgumentError(`Unknown: ${unknown.join(', ')}. Known: ${SCOPES.join(', ')}.`);
  return scopes;
};
