import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { checkObject } from './check-object.js';
import { Findings, MOST_VIOLATIONS } from './findings.js';
import {
  Decimal,
  Either,
  Flag,
  MediaUrls,
  oneOf,
  OneOf,
  Shape,
  shape,
  Shapes,
  Text,
  text,
  Texts,
  Whole,
} from './index.js';
import { schemaOf } from './json-schema.js';
import { STRICT } from './value-type.js';

class PixelSize {
  @Whole({ min: 1 })
  width: number;

  @Whole({ min: 1 })
  height: number;
}

class Section {
  @Text({ max: 5 })
  name: string;

  @Texts({ item: { max: 3 }, optional: true })
  lines?: string[];
}

class Everything {
  @Text({ min: 2, max: 4 })
  title: string;

  @Text({ optional: true })
  note?: string;

  @Either<string | PixelSize>(
    [oneOf(['auto']), text({ pattern: /^\d+x\d+$/, like: 'WIDTHxHEIGHT' }), shape(PixelSize)],
    { optional: true },
  )
  size?: string | PixelSize;

  @Decimal({ min: 0, max: 1, decimals: 2, optional: true })
  weight?: number;

  @Flag({ default: false, optional: false })
  loud: boolean;

  @Shapes(Section, { min: 1, max: 2, optional: true })
  sections?: Section[];

  @Shape(PixelSize, { optional: true })
  frame?: PixelSize;

  @MediaUrls({ counts: [1, 3], optional: true })
  image_urls?: string[];

  @OneOf([0, 1], { optional: true })
  'odd/name~'?: 0 | 1;
}

const violations = (input: object) => {
  const findings = new Findings(STRICT);
  checkObject(Everything, input, '/input', findings);
  const errors = validateSync(plainToInstance(Everything, input), {
    whitelist: true,
    forbidNonWhitelisted: true,
  });
  expect(errors.length > 0).toBe(findings.violations.length > 0);
  return findings.violations;
};
const codes = (change: object) =>
  violations({ title: 'abc', loud: true, ...change }).map(({ pointer, code }) => `${pointer} ${code}`);

describe('A field', () => {
  it.each([
    ['nothing but the required', {}, []],
    ['required text left out', { title: undefined }, ['/input/title required']],
    ['required text that is null', { title: null }, ['/input/title required']],
    ['required text that is empty', { title: '' }, ['/input/title required']],
    ['a required field with a default left out', { loud: undefined }, ['/input/loud required']],
    ['an optional field that is null', { note: null }, ['/input/note type']],
    ['empty optional text', { note: '' }, []],
    ['text counted in code points', { title: '\u{1F6B2}\u{1F6B2}\u{1F6B2}\u{1F6B2}' }, []],
    ['one code point too many', { title: '\u{1F6B2}'.repeat(5) }, ['/input/title maxLength']],
    ['one code point too few', { title: '\u{1F6B2}' }, ['/input/title minLength']],
    ['a flag as text', { loud: 'true' }, ['/input/loud type']],
    ['a flag as number', { loud: 1 }, ['/input/loud type']],
    ['a number with the decimals allowed', { weight: 0.29 }, []],
    ['a number with one decimal too many', { weight: 0.291 }, ['/input/weight decimals']],
    ['not a number', { weight: NaN }, ['/input/weight type']],
    ['infinity', { weight: Infinity }, ['/input/weight type']],
    ['a name of an alternative', { size: 'auto' }, []],
    ['a pattern of an alternative', { size: '10x20' }, []],
    ['an object of an alternative', { size: { width: 1, height: 2 } }, []],
    ['text of no alternative', { size: 'huge' }, ['/input/size enum']],
    ['a type of no alternative', { size: 5 }, ['/input/size type']],
    [
      'an object that is half an alternative',
      { size: { width: 0, depth: 1 } },
      ['/input/size/width min', '/input/size/height required', '/input/size/depth unknown_field'],
    ],
    ['an empty list below its least', { sections: [] }, ['/input/sections minItems']],
    [
      'wrong items in a list that is too long',
      { sections: [{ name: 'a' }, 5, { name: 'toolong', lines: ['abc', 'abcd'] }] },
      [
        '/input/sections maxItems',
        '/input/sections/1 type',
        '/input/sections/2/name maxLength',
        '/input/sections/2/lines/1 maxLength',
      ],
    ],
    ['a list for an object', { frame: [] }, ['/input/frame type']],
    [
      'two items where one or three are allowed',
      { image_urls: ['https://example.com', 'https://example.com'] },
      ['/input/image_urls counts'],
    ],
    ['a name that a JSON pointer escapes', { 'odd/name~': 2 }, ['/input/odd~1name~0 enum']],
  ])('judges %s', (_name, change, expected) => {
    expect(codes(change)).toEqual(expected);
  });

  it('is unknown when only the prototype has it, and absent when it is undefined', () => {
    // Not compared with class-validator: class-transformer skips such names on its way there.
    const findings = new Findings(STRICT);
    checkObject(
      Everything,
      { title: 'abc', loud: true, constructor: 1, toString: 2, zz: undefined },
      '/input',
      findings,
    );
    expect(findings.violations.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([
      '/input/constructor unknown_field',
      '/input/toString unknown_field',
    ]);
  });

  it('says what is allowed, and what may have been meant', () => {
    const [size, weight, titel] = violations({
      title: 'abc',
      loud: true,
      weight: 2,
      size: 'huge',
      titel: 'x',
    });
    expect(weight!.message).toBe('weight must be a number from 0 to 1 with at most 2 decimals.');
    expect(size!.message).toBe('size must be auto, text like WIDTHxHEIGHT or an object.');
    expect(titel!.message).toBe('titel is not a field here; did you mean title?');
  });

  it('never quotes a value', () => {
    const secret = 'canary-5f2c';
    const all = violations({
      title: secret,
      loud: secret,
      size: secret,
      weight: secret,
      note: 5,
      image_urls: [secret],
      sections: [{ name: secret }],
    });
    expect(all.length).toBeGreaterThan(5);
    expect(JSON.stringify(all)).not.toContain(secret);
  });

  it('is not read from a prototype', () => {
    expect(violations(Object.create({ title: 'abc', loud: true }) as object).map(({ code }) => code)).toEqual(
      ['required', 'required'],
    );
  });

  it('replaces the one of the base class', () => {
    class Louder extends Everything {
      @OneOf(['x', 'yy'])
      declare title: 'x' | 'yy';
    }
    const findings = new Findings(STRICT);
    checkObject(Louder, { title: 'x', loud: true }, '/input', findings);
    expect(findings.violations).toEqual([]);
    expect(Object.keys(schemaOf(Louder)['properties'] as object)[0]).toBe('title');
  });
});

describe('The number of violations', () => {
  it('is bounded', () => {
    const findings = new Findings(STRICT);
    checkObject(
      Everything,
      { title: 'abc', loud: true, image_urls: Array(5000).fill(5) },
      '/input',
      findings,
    );
    expect(findings.violations).toHaveLength(MOST_VIOLATIONS);
  });
});

describe('The schema of a class', () => {
  it('closes the object and carries bounds, defaults and alternatives', () => {
    expect(schemaOf(Everything)).toMatchObject({
      type: 'object',
      required: ['title', 'loud'],
      additionalProperties: false,
      properties: {
        title: { type: 'string', minLength: 2, maxLength: 4 },
        size: {
          anyOf: [
            { enum: ['auto'] },
            { pattern: '^\\d+x\\d+$' },
            { type: 'object', required: ['width', 'height'] },
          ],
        },
        loud: { type: 'boolean', default: false },
        sections: {
          type: 'array',
          minItems: 1,
          maxItems: 2,
          items: { properties: { lines: { items: { maxLength: 3 } } } },
        },
      },
    });
  });
});
