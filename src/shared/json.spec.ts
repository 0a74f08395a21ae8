import fc from 'fast-check';
import { canonicalJson } from './json.js';

/** The same value with the keys of each object in the opposite order. */
const turnedRound = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(turnedRound);
  if (typeof value !== 'object' || value === null) return value;
  const turned = Object.entries(value)
    .reverse()
    .map(([key, item]) => [key, turnedRound(item)] as const);
  return Object.fromEntries(turned);
};

describe('Canonical JSON', () => {
  it.each([
    [{ b: 1, a: [true, null, 'x'] }, '{"a":[true,null,"x"],"b":1}'],
    [{ a: undefined, b: { d: 1, c: undefined } }, '{"b":{"d":1}}'],
    [[undefined, { 10: 1, 9: 2, B: 3, a: 4 }], '[null,{"10":1,"9":2,"B":3,"a":4}]'],
    // By UTF-16 units: the surrogates of an emoji stand before U+FFFD.
    [{ '\ufffd': 1, '😀': 2, é: 3, z: 4 }, '{"z":4,"é":3,"😀":2,"\ufffd":1}'],
    [JSON.parse('{"__proto__":{"a":1},"a":2}'), '{"__proto__":{"a":1},"a":2}'],
    [undefined, 'null'],
    ['"', '"\\""'],
  ])('%j is %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it('is JSON of the same value, whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(turnedRound(value))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
