import { isTooMuch } from './havoc.js';
import { type Strike } from './plan.js';

const kill: Strike = { atMs: 0, kind: 'kill', replica: 0, downMs: 0 };
const freeze: Strike = { atMs: 0, kind: 'freeze', replica: 0, forMs: 0 };
const stop: Strike = { atMs: 0, kind: 'stop-postgres', downMs: 0 };

/** Null: up. Else seconds since its start began. */
const replicas = (...starting: (number | null)[]) =>
  starting.map((seconds) => ({ startingForMs: seconds === null ? null : seconds * 1_000 }));

describe('a strike is passed over', () => {
  it.each<[string, Strike, (number | null)[], boolean]>([
    ['nobody starts', kill, [null, null, null], false],
    ['the last one, while the others have just begun to start', kill, [null, 1, 2], false],
    ['the last one, while the others are slow', kill, [null, 1, 8], true],
    ['one of two that are up', kill, [null, null, 60], false],
    ['the only one there is', kill, [null], false],
    ['a freeze mends itself', freeze, [null, 60, 60], false],
    ['PostgreSQL while somebody serves', stop, [null, 8, 8], false],
    ['PostgreSQL while all start, as after any strike', stop, [1, 2, 3], false],
    ['PostgreSQL while all are slow', stop, [1, 2, 8], true],
    ['PostgreSQL while one cannot get up', stop, [null, null, 25], true],
  ])('%s: %#', (_, strike, starting, wanted) =>
    expect(isTooMuch(strike, replicas(...starting))).toBe(wanted),
  );
});
