import { parseInstant } from './parse-instant.js';

describe('parseInstant', () => {
  it.each([
    ['2026-01-31T12:00:00.000Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00+02:00', '2026-01-31T10:00:00.000Z'],
    ['2026-01-31T12:00:00.123456789Z', '2026-01-31T12:00:00.123Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['0000-02-29T00:00:00Z', '0000-02-29T00:00:00.000Z'],
  ])('reads %s', (text, wanted) => expect(parseInstant(text)?.toISOString()).toBe(wanted));

  it.each([
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-11-31T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '9999-12-31T23:59:59-23:59',
    '0000-01-01T00:00:00+01:00',
  ])('refuses %s, which is no day or not of these years', (text) => expect(parseInstant(text)).toBeNull());

  it.each(['', '2026-01-31', '2026-01-31T12:00:00', '2026-13-01T00:00:00Z', 'tomorrow', '2026-01-31 12:00Z'])(
    'refuses %j',
    (text) => expect(parseInstant(text)).toBeNull(),
  );
});
