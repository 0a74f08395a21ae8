import { WRONG_TOKENS, WrongTokenLimit } from './wrong-token-limit.js';

describe('Wrong tokens from one address', () => {
  it('are limited within a minute, for that address alone', () => {
    let now = 0;
    const limit = new WrongTokenLimit({ now: () => new Date(0), monotonic: () => now });
    for (let tried = 0; tried < WRONG_TOKENS; tried++) expect(limit.count('a')).toBe(0);
    now = 15_000;
    expect(limit.count('a')).toBe(45);
    expect(limit.count('b')).toBe(0);
    now = 60_000;
    expect(limit.count('a')).toBe(0);
  });
});
