import { parseMoment, parseSpan } from './span.js';

describe('Times on the command line', () => {
  it.each([
    ['0h', 0],
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['24h', 86_400_000],
    ['90d', 7_776_000_000],
  ])('%s is %d ms', (text, wanted) => expect(parseSpan(text)).toBe(wanted));

  it.each(['', '5', 'h', '-1h', '1.5h', '24 h', '1w', '9999d', 'soon'])('%j is no span', (text) =>
    expect(() => parseSpan(text)).toThrow('Wants a time'),
  );

  it('a moment is named, or lies a span ahead', () => {
    expect(parseMoment('2026-12-31T23:59:00Z').toISOString()).toBe('2026-12-31T23:59:00.000Z');
    const ahead = parseMoment('1h').getTime() - Date.now();
    expect(ahead).toBeGreaterThan(3_590_000);
    expect(ahead).toBeLessThanOrEqual(3_600_000);
    expect(() => parseMoment('tomorrow')).toThrow('Wants a time');
  });
});
