import { isUuid, uuidFrom, uuidv7 } from './ids.js';

describe('uuidv7', () => {
  it('is a UUID of version 7 and the RFC variant', () => {
    for (let i = 0; i < 1000; i++)
      expect(uuidv7()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('starts with the time in milliseconds', () => {
    const before = Date.now();
    const time = parseInt(uuidv7().replace('-', '').slice(0, 12), 16);
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now());
  });

  it('does not repeat', () => {
    expect(new Set(Array.from({ length: 10_000 }, uuidv7)).size).toBe(10_000);
  });
});

describe('uuidFrom', () => {
  it('is the same for the same parts, in every process and for ever', () => {
    expect(uuidFrom('task', 'acme', 'order-17')).toBe('f8b1a227-7af6-8a83-adc0-86b2d322ed96');
    expect(isUuid(uuidFrom('a'))).toBe(true);
  });

  it('tells parts apart by their length', () => {
    expect(uuidFrom('ab', 'c')).not.toBe(uuidFrom('a', 'bc'));
    expect(uuidFrom('ab')).not.toBe(uuidFrom('a', 'b'));
  });
});
