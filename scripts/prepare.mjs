/**
 * Runs before `npm start` and `npm test`: installs what is missing and builds what is stale. Silent, quick and without
 * network when there is nothing to do. Plain Node, as nothing may be installed yet.
 *
 * What was done is remembered by content, not by time, so a fresh checkout, a moved folder or a changed clock neither
 * hide work nor invent it. Two at once take turns.
 */
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, env, execPath, kill, pid } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const at = (...parts) => join(ROOT, ...parts);

const INSTALLED = at('node_modules', '.genledger-installed');
const BUILT = at('dist', '.built-from');
const LOCK = at('.prepare.lock');
const BUILD_INPUTS = [
  'package.json',
  'package-lock.json',
  'nest-cli.json',
  'tsconfig.json',
  'tsconfig.build.json',
];

/** Standard output stays free for the program that runs next. */
const complain = (line) => console.error(line);
/** Not with `--quiet`, which the command line uses. */
const say = argv.includes('--quiet') ? () => undefined : complain;

const read = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  }
};

// ---------------------------------------------------------------------------------------------- what is needed

const hash = () => createHash('sha256');
const wantedPackages = () =>
  hash()
    .update(read(at('package-lock.json')))
    .digest('hex');

/** Packages that somebody installed by hand count too: then every one that is not optional has the locked version. */
const isInstalled = () => {
  const wanted = wantedPackages();
  if (read(INSTALLED) === wanted) return true;
  const inventory = read(at('node_modules', '.package-lock.json'));
  if (inventory === null) return false;
  const { packages: there } = JSON.parse(inventory);
  const { packages: locked } = JSON.parse(read(at('package-lock.json')));
  const isThere = ([path, { version, optional, peer, link }]) =>
    path === '' || optional || peer || link || there[path]?.version === version;
  if (!Object.entries(locked).every(isThere)) return false;
  remember(INSTALLED, wanted);
  return true;
};

const sourceFiles = (folder) =>
  readdirSync(at(folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sourceFiles(path);
    return path.endsWith('.spec.ts') ? [] : [path];
  });

const buildInputs = () => {
  const sum = hash();
  for (const path of [...BUILD_INPUTS, ...sourceFiles('src').sort()]) {
    const content = read(at(path)) ?? '';
    sum.update(`${path}\0${content.length}\0`).update(content);
  }
  return sum.digest('hex');
};

const isBuilt = () => read(BUILT) === buildInputs();

/** A folder that may not be written (a read-only image) is checked anew each time instead. */
const remember = (path, content) => {
  try {
    writeFileSync(path, content);
  } catch (error) {
    if (!['EROFS', 'EACCES', 'EPERM'].includes(error.code)) throw error;
  }
};

// ----------------------------------------------------------------------------------------------------- doing it

const install = () => {
  say('Installing packages (once; this takes a minute) …');
  const wanted = wantedPackages();
  const flags = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  // Within npm, the npm that runs us; it need not be the one on the PATH.
  const npm = /\.c?js$/.test(env.npm_execpath ?? '') ? [execPath, env.npm_execpath] : ['npm'];
  run([...npm, ...flags], 'Packages could not be installed. Is the registry reachable?');
  writeFileSync(INSTALLED, wanted);
};

const build = () => {
  say('Building …');
  // Taken before: what changes during the build is then built next time.
  const inputs = buildInputs();
  run([execPath, at('node_modules', '@nestjs', 'cli', 'bin', 'nest.js'), 'build'], 'The build failed.');
  writeFileSync(BUILT, inputs);
};

/** Silent unless it fails. */
const run = ([command, ...args], failure) => {
  const options = { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 };
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, options);
  if (status === 0) return;
  complain(`${failure} (${error?.message ?? signal ?? `exit code ${status}`})`);
  complain(`${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').slice(-40).join('\n'));
  throw new Failure(failure);
};

/** What has been told already. */
class Failure extends Error {}

// ------------------------------------------------------------------------------------------------------- turns

const inTurn = async (work) => {
  const mine = `${LOCK}.${randomBytes(6).toString('hex')}`;
  writeFileSync(mine, String(pid));
  try {
    for (let tries = 0; !take(mine); tries += 1) {
      if (tries === 5) say(`Waiting for another start, which is installing or building (${LOCK}) …`);
      await pause(200);
    }
  } finally {
    rmSync(mine);
  }
  try {
    work();
  } finally {
    rmSync(LOCK, { force: true });
  }
};

/** A link appears whole, with our pid in it, or not at all. */
const take = (mine) => {
  try {
    linkSync(mine, LOCK);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const owner = Number(read(LOCK));
  if (owner !== 0 && (owner === pid || !isAlive(owner))) setAside(owner);
  return false;
};

/** Removes the lock of a dead process; one that somebody else took in its place meanwhile is put back. */
const setAside = (dead) => {
  const aside = `${LOCK}.${randomBytes(6).toString('hex')}`;
  try {
    renameSync(LOCK, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (Number(read(aside)) === dead) rmSync(aside);
  else renameSync(aside, LOCK);
};

const isAlive = (owner) => {
  try {
    kill(owner, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

// ---------------------------------------------------------------------------------------------------------------

try {
  if (!isInstalled() || !isBuilt()) {
    await inTurn(() => {
      // Looked at again: whoever was before us has probably done it.
      if (!isInstalled()) install();
      if (!isBuilt()) build();
    });
  }
} catch (error) {
  if (!(error instanceof Failure)) complain(error.stack);
  process.exitCode = 1;
}
