import { selectedHeaders } from './selected-headers.js';

describe('Headers recorded with a callback', () => {
  it('are those that say where it came from, never credentials', () => {
    const kept = {
      'content-type': 'application/json',
      'user-agent': 'x',
      'x-webhook-signature': 's',
      date: 'd',
    };
    expect(
      selectedHeaders({ ...kept, authorization: 'Bearer s', cookie: 'c', 'x-api-key': 'k', host: 'h' }),
    ).toEqual(kept);
  });

  it('are bounded in number and length', () => {
    const many = Object.fromEntries(
      Array.from({ length: 50 }, (_, n) => [
        `x-webhook-${String.fromCharCode(97 + (n % 26))}${'z'.repeat(n)}`,
        'v'.repeat(2_000),
      ]),
    );
    const selected = selectedHeaders(many);
    expect(Object.keys(selected)).toHaveLength(20);
    expect(Object.values(selected).every((value) => value.length === 500)).toBe(true);
  });
});
