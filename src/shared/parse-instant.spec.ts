import { parseInstant } from './parse-instant.js';

describe('parseInstant', () => {
  it.each([
    ['2026-01-31T12:00:00.000Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00+02:00', '2026-01-31T10:00:00.000Z'],
    ['2026-01-31T12:00:00.123456789Z', '2026-01-31T12:00:00.123Z'],
  ])('reads %s', (text, wanted) => expect(parseInstant(text)?.toISOString()).toBe(wanted));

  it.each(['', '2026-01-31', '2026-01-31T12:00:00', '2026-13-01T00:00:00Z', 'tomorrow', '2026-01-31 12:00Z'])(
    'refuses %j',
    (text) => expect(parseInstant(text)).toBeNull(),
  );
});
