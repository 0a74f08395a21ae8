import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SETTINGS } from '../../src/config/settings.js';
import { parseFaults } from '../../src/simulator/index.js';
import { readPage, ROOT } from './pages.js';

/*
 * What the documents name exists: files, anchors, scripts, settings, commands.
 */

const decisions = readdirSync(`${ROOT}/docs/decisions`).map((file) => `docs/decisions/${file}`);
const pages = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'docs/architecture.md',
  'docs/audit.md',
  'docs/database-roles.md',
  'docs/dependencies.md',
  'docs/errors.md',
  'docs/events.md',
  'docs/models-for-hosts.md',
  'docs/reliability.md',
  'docs/models-schemas.md',
  'docs/models-sources.md',
  'docs/models.md',
  'docs/roadmap.md',
  'docs/subscriptions.md',
  ...decisions,
];
const settings = Object.values(SETTINGS).flatMap((group) => Object.keys(group));
const { scripts } = JSON.parse(readPage('package.json')) as { scripts: Record<string, string> };

describe.each(pages)('%s', (path) => {
  const page = readPage(path);

  it('links to files that exist', () => {
    const targets = [...page.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, target]) => target!);
    expect(targets.filter((target) => !existsSync(join(ROOT, dirname(path), target)))).toEqual([]);
  });

  it('names files and folders of ours that exist', () => {
    const named = [...page.matchAll(/`((?:src|test|docs|scripts|migrations|bench|\.ci)\/[\w./-]+)`/g)];
    const missing = named.map(([, file]) => file!).filter((file) => !existsSync(join(ROOT, file)));
    expect(missing.filter((file) => !EXAMPLES.has(file))).toEqual([]);
  });

  it('names scripts that exist', () => {
    const named = [...page.matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script!);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  it('names variables that are settings', () => {
    const named = [...page.matchAll(/(?<![\w{])([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+)(?![\w.])/g)].map(
      ([, name]) => name!,
    );
    expect(named.filter((name) => !settings.includes(name) && !NO_SETTINGS.has(name))).toEqual([]);
  });
});

/** Names that show a form. */
const EXAMPLES: ReadonlySet<string> = new Set(['migrations/0004-what-it-does.sql']);

/** Constants of the code, and the variable of the specs. */
const NO_SETTINGS: ReadonlySet<string> = new Set(['TASK_EVENT_VERSIONS', 'TEST_DATABASE_URL']);

it('the faults in the README are faults of the simulator', () => {
  const readme = readPage('README.md');
  const directives = [...readme.matchAll(/\[\[sim:(.*?)\]\]/g)].flatMap(([, faults]) => faults!.split(';'));
  const flags = [...readme.matchAll(/--fault ([a-z][^`\s]*)/g)].map(([, fault]) => fault!);
  const bodies = [...readme.matchAll(/-d '(\{"faults":.*?\})'/g)].map(([, body]) => body!);
  const faults = bodies.flatMap((body) => (JSON.parse(body) as { faults: string[] }).faults);
  expect([directives.length > 5, flags.length, faults.length]).toEqual([true, 1, 1]);
  expect(() => parseFaults([...directives, ...flags, ...faults])).not.toThrow();
});

describe('commands', () => {
  it.each(['README.md', 'docs/errors.md'])('of the command line in %s exist', (path) => {
    const called = [...readPage(path).matchAll(/npm run cli -- ([a-z]+)(?: ([a-z]+))?/g)];
    expect(called.length).toBeGreaterThan(1);
    for (const [, command, sub] of called) expectCommand(command!, sub);
  });

  it('of the table in the README exist, and none is left out', () => {
    const listed = readPage('README.md')
      .split('\n')
      .filter((line) => /^\| `[a-z]+/.test(line))
      .flatMap((line) => [...line.split('|')[1]!.matchAll(/`([a-z]+)(?: ([a-z]+)\b)?[^`]*`/g)]);
    for (const [, command, sub] of listed) expectCommand(command!, sub);
    const names = listed.map(([, command, sub]) => [command, sub].filter(Boolean).join(' '));
    expect([...new Set(names)].sort()).toEqual(
      Object.entries(COMMANDS)
        .flatMap(([command, subs]) => (subs.length > 0 ? subs.map((sub) => `${command} ${sub}`) : [command]))
        .sort(),
    );
  });
});

/** Commands with their sub-commands, from the sources: building them would start nothing, but needs the whole application. */
const COMMANDS: Readonly<Record<string, string[]>> = Object.fromEntries(
  readdirSync(`${ROOT}/src/cli`)
    .filter((file) => file.endsWith('.command.ts'))
    .map((file) => {
      const source = readPage(`src/cli/${file}`);
      const [, name] = /new Command\('([a-z]+)'\)/.exec(source)!;
      return [name!, [...source.matchAll(/\.command\('([a-z]+)'\)/g)].map(([, sub]) => sub!)];
    }),
);

const expectCommand = (command: string, sub: string | undefined): void => {
  expect(Object.keys(COMMANDS)).toContain(command);
  if (COMMANDS[command]!.length > 0) expect(COMMANDS[command]).toContain(sub);
};
