import fc from 'fast-check';
import { InvalidRequestError } from '../../tasks/index.js';
import { MalformedJsonError } from '../problems/wire.errors.js';
import { MAX_DEPTH, parseJson } from './parse-json.js';

const parse = (text: string): unknown => parseJson(Buffer.from(text));

describe('The JSON of a body', () => {
  it('is what was sent', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        // Refused on purpose, see below.
        fc.pre(!text.includes('__proto__'));
        expect(JSON.stringify(parse(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
      { numRuns: 200 },
    );
  });

  it('may begin with a byte order mark', () => {
    expect(parse('\ufeff{}')).toEqual({});
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['broken text', Buffer.from('{"a":')],
    ['two values', Buffer.from('{} {}')],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22])],
    ['UTF-16', Buffer.from('{}', 'utf16le')],
  ])('is refused as malformed: %s', (_what, bytes) => {
    expect(() => parseJson(bytes)).toThrow(MalformedJsonError);
  });

  it('never quotes what was sent: it may be private', () => {
    expect(() => parse('{"prompt": secret}')).toThrow(expect.not.stringContaining('secret') as never);
  });

  it('may be nested as deep as allowed and no deeper', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(() => parse(nested(MAX_DEPTH))).not.toThrow();
    expect(() => parse(nested(MAX_DEPTH + 1))).toThrow(InvalidRequestError);
    expect(() => parse(nested(400_000))).toThrow(InvalidRequestError);
  });

  it.each([
    ['{"a":[{"__proto__":{"admin":true}}]}', '/a/0/__proto__'],
    ['{"\\u005f_proto__":1}', '/__proto__'],
  ])('has no key __proto__: %s', (text, pointer) => {
    let refusal: unknown;
    try {
      parse(text);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toMatchObject({ violations: [{ pointer, code: 'unknown_field' }] });
  });

  it('names the number that cannot be handed on', () => {
    try {
      parse('{"input":{"a/b":[1,1e999]}}');
    } catch (error) {
      expect((error as InvalidRequestError).violations).toMatchObject([
        { pointer: '/input/a~1b/1', code: 'max' },
      ]);
      return;
    }
    throw new Error('was accepted');
  });

  it('takes a key named constructor for what it is', () => {
    expect(parse('{"constructor":{"prototype":{"x":1}}}')).toEqual({ constructor: { prototype: { x: 1 } } });
    expect(({} as { x?: number }).x).toBeUndefined();
  });
});
