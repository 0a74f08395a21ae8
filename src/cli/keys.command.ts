import { Command, InvalidArgumentError } from 'commander';
import { keyStatus, KeyService, SCOPES, type CreatedKey, type Scope } from '../access/index.js';
import { type CliContext, withApplication } from './context.js';
import { KeyRewrap, type RewrapProgress } from '../tasks/index.js';
import { Output, table } from './output.js';
import { parseMoment, parseSpan } from './span.js';

/** Noted with keys, as events note actors. */
const ACTOR = 'cli';

const DAY_MS = 86_400_000;

interface CreateOptions {
  owner: string;
  scopes: Scope[];
  name?: string;
  expires?: Date;
  json?: boolean;
}

/** keys create | list | rotate | revoke | rewrap */
export const keysCommand = (context: CliContext): Command => {
  const keys = new Command('keys').description('API keys');
  keys
    .command('create')
    .description('make a key; it is shown once')
    .requiredOption('--owner <owner>', 'whose tasks it sees')
    .requiredOption('--scopes <a,b>', `comma-separated: ${SCOPES.join(', ')}`, parseScopes)
    .option('--name <name>', 'what it is for')
    .option('--expires <time>', 'when it ends: a time, or a span such as 90d; default: never', parseMoment)
    .option('--json', 'print JSON')
    .action(({ owner, scopes, name, expires, json = false }: CreateOptions) =>
      withApplication(context, async (app) => {
        const wish = { owner, scopes, name: name ?? null, expiresAt: expires ?? null, by: ACTOR };
        const made = await app.get(KeyService).create(wish);
        new Output(json).result(shown(made), linesOf(made));
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
          keyStatus(key, new Date()),
          key.expiresAt?.toISOString() ?? 'never',
          key.lastUsedAt?.toISOString() ?? 'never used',
        ]);
        new Output(json).result(
          all,
          table([['ID', 'OWNER', 'SCOPES', 'NAME', 'STATE', 'EXPIRES', 'LAST USED'], ...rows]),
        );
      }),
    );
  keys
    .command('rotate')
    .description('make a key with the same owner, scopes and name; the old one ends after the overlap')
    .argument('<id>')
    .option('--overlap <span>', 'how long both open, such as 30m, 24h or 7d (default: 24h)', parseSpan)
    .option('--json', 'print JSON')
    .action((id: string, { overlap = DAY_MS, json = false }: { overlap?: number; json?: boolean }) =>
      withApplication(context, async (app) => {
        const { created, replaced } = await app.get(KeyService).rotate(id, overlap, ACTOR);
        const until = replaced.expiresAt!.toISOString();
        new Output(json).result({ ...shown(created), replaces: id, replaced_expires_at: until }, [
          ...linesOf(created),
          `Key ${id} opens until ${until}.`,
        ]);
      }),
    );
  keys
    .command('revoke')
    .description('end a key; servers notice within seconds')
    .argument('<id>')
    .option('--json', 'print JSON')
    .action((id: string, { json = false }: { json?: boolean }) =>
      withApplication(context, async (app) => {
        await app.get(KeyService).revoke(id, ACTOR);
        new Output(json).result({ id, revoked: true }, [`Key ${id} is revoked.`]);
      }),
    );
  keys
    .command('rewrap')
    .description('after a rotation of ENCRYPTION_KEY: wrap all data keys under the newest one')
    .option('--json', 'print JSON')
    .action(({ json = false }: { json?: boolean }) =>
      withApplication(context, async (app) => {
        const output = new Output(json);
        let last: RewrapProgress = { seen: 0, rewrapped: 0, done: true };
        for await (last of app.get(KeyRewrap).run())
          output.progress(`${last.seen} data keys looked at, ${last.rewrapped} wrapped anew`);
        output.result(last, [
          `${last.seen} data keys looked at, ${last.rewrapped} wrapped anew. Older keys may leave ENCRYPTION_KEY now.`,
        ]);
      }),
    );
  return keys;
};

const shown = ({ id, owner, scopes, key, expiresAt }: CreatedKey): object => ({
  id,
  owner,
  scopes,
  key,
  ...(expiresAt && { expires_at: expiresAt.toISOString() }),
});

const linesOf = (made: CreatedKey): string[] => [
  `id       ${made.id}`,
  `owner    ${made.owner}`,
  `scopes   ${made.scopes.join(', ')}`,
  `expires  ${made.expiresAt?.toISOString() ?? 'never'}`,
  `key      ${made.key}`,
  '',
  'Keep the key: it is stored hashed and cannot be shown again.',
];

const parseScopes = (text: string): Scope[] => {
  const scopes = text.split(',').map((scope) => scope.trim()) as Scope[];
  const unknown = scopes.filter((scope) => !SCOPES.includes(scope));
  if (unknown.length > 0)
    throw new InvalidArgumentError(`Unknown: ${unknown.join(', ')}. Known: ${SCOPES.join(', ')}.`);
  return scopes;
};
