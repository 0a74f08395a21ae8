import fc from 'fast-check';
import { readRetryAfter, RETRY_AFTER_CAP_MS } from './retry-after.js';

const NOW = new Date('2026-04-19T21:00:00Z');
const read = (value: string | null, date: string | null = null): number | null =>
  readRetryAfter({ get: (name) => (name === 'retry-after' ? value : name === 'date' ? date : null) }, NOW);

it.each([
  ['absent', null, null],
  ['empty', '', null],
  ['seconds', '7', 7_000],
  ['none at all', '0', 0],
  ['a fraction of a second', '0.5', 500],
  ['with spaces around', ' 3 ', 3_000],
  ['longer than the cap', '86400', RETRY_AFTER_CAP_MS],
  ['absurdly long', '9'.repeat(400), RETRY_AFTER_CAP_MS],
  ['negative', '-5', null],
  ['words', 'soon', null],
  ['a number with a unit', '5s', null],
  ['a date ahead', 'Sun, 19 Apr 2026 21:00:30 GMT', 30_000],
  ['a date gone by', 'Sun, 19 Apr 2026 20:00:00 GMT', 0],
  ['a date far ahead', 'Mon, 19 Apr 2027 21:00:00 GMT', RETRY_AFTER_CAP_MS],
  ['a date in the spelling of RFC 850', 'Sunday, 19-Apr-26 21:00:10 GMT', 10_000],
  ['a date in the spelling of asctime', 'Sun Apr 19 21:00:10 2026', 10_000],
  ['a date of another format', '2026-04-19T21:00:30Z', null],
  ['a broken date', 'Sun, 99 Foo 2026', null],
])('%s', (_, value, expected) => {
  expect(read(value)).toBe(expected);
});

it('measures a date against the clock of the server that wrote it', () => {
  expect(read('Sun, 19 Apr 2026 23:00:20 GMT', 'Sun, 19 Apr 2026 23:00:00 GMT')).toBe(20_000);
});

it('is null or from 0 to 15 minutes, whatever stands there', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (value, date) => {
      const ms = read(value, date);
      return ms === null || (Number.isInteger(ms) && ms >= 0 && ms <= RETRY_AFTER_CAP_MS);
    }),
  );
});
