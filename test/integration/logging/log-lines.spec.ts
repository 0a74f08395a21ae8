import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const LOADER = new URL('../../support/typescript.mjs', import.meta.url).href;
const SCRIPT = fileURLToPath(new URL('./log-lines.process.ts', import.meta.url));

/** The numbers of the lines that came out of a process that logged so many and then ended. */
const linesOf = async (lines: number, ending: string): Promise<number[]> => {
  const child = spawn(process.execPath, ['--import', LOADER, SCRIPT, String(lines), ending], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const written = await text(child.stdout);
  return written
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { i: number }).i);
};

describe('lines wait for others, but none is lost', () => {
  it.each(['its work is done', 'exit', 'throw'])('when the process ends: %s', async (ending) => {
    for (const lines of [1, 5_000])
      expect(await linesOf(lines, ending)).toEqual(Array.from({ length: lines }, (_, i) => i));
  });
});

it.each(['its work is done', 'exit'])(
  'a process whose lines nobody reads any more ends: %s',
  async (ending) => {
    for (const lines of [1, 5_000]) {
      const child = spawn(process.execPath, ['--import', LOADER, SCRIPT, String(lines), ending, 'told'], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      child.stdout.destroy();
      child.stdin.write('go\n');
      expect(await once(child, 'exit')).toEqual([0, null]);
    }
  },
);

it('a process whose reader is stuck ends, after some patience', async () => {
  const child = spawn(process.execPath, ['--import', LOADER, SCRIPT, '50000', 'exit', 'told'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdout.pause();
  child.stdin.write('go\n');
  expect(await once(child, 'exit')).toEqual([0, null]);
});
