import { runCommandLine } from './command-line.js';

// Wrong usage is told before anything is opened.
it.each([
  ['tasks', 'show', 'zzz'],
  ['tasks', 'resume', 'zzz'],
  ['tasks', 'resubmit', 'zzz', '--reason', 'x', '--accept-duplicate-risk'],
  ['replay', 'zzz'],
  ['replay', '0199f3c2-0000-7000-8000-000000000000', '--at', '2026-02-30T00:00:00Z'],
  ['erase', 'zzz'],
  ['simulator', '--fault', 'nope'],
])('%s %s %s is wrong usage', async (...args) => {
  expect(await runCommandLine(args, { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' })).toBe(2);
});
