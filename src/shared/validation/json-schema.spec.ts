import 'reflect-metadata';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { checkObject } from './check-object.js';
import { specOf } from './class-spec.js';
import { FieldReader } from './field-reader.js';
import { Findings } from './findings.js';
import {
  absent,
  all,
  any,
  AtLeastOneOf,
  beyondSchema,
  Compare,
  type Condition,
  count,
  Decimal,
  type DtoClass,
  equals,
  Exclusive,
  Flag,
  Forbids,
  isIn,
  matches,
  MediaUrl,
  not,
  oneOf,
  OneOf,
  present,
  Requires,
  RequiresUnless,
  schemaDocumentOf,
  Shapes,
  Sum,
  Text,
  text,
  Texts,
  ValueWhen,
  Whole,
} from './index.js';
import { STRICT } from './value-type.js';

const ajv = new Ajv2020({ strict: true, allErrors: true, strictRequired: false, strictTypes: false });
ajv.addFormat('uri', true);

class Fields {
  @Text({ optional: true, max: 5 })
  a?: string;
  @OneOf(['x', 'y', 'z'], { default: 'x' })
  b?: 'x' | 'y' | 'z';
  @Whole({ min: 0, max: 9, default: 5 })
  n?: number;
  @Flag({ optional: true })
  f?: boolean;
  @Texts({ optional: true, max: 3 })
  l?: string[];
}

const anyFields = fc.record(
  {
    a: fc.constantFrom('', 'x', '12', 'aaaaa', 'aaaaaa', null, 7),
    b: fc.constantFrom('x', 'y', 'z', '', 'w'),
    n: fc.constantFrom(0, 4, 5, 9, 10, null),
    f: fc.constantFrom(true, false),
    l: fc.constantFrom([], ['p'], ['p', 'q'], ['p', 'q', 'r', 's']),
  },
  { requiredKeys: [] },
);

const because = 'A reason.';
const conditions: readonly Condition[] = [
  present('a'),
  absent('a'),
  equals('b', 'x'),
  equals('b', 'y'),
  equals('n', 5),
  equals('f', true),
  isIn('b', ['x', 'z']),
  isIn('n', [4, 9]),
  matches('a', /^\d+$/, 'digits'),
  count('l', 0),
  count('l', 2),
  not(present('l')),
  all(present('a'), equals('b', 'x')),
  any(equals('f', true), count('l', 1)),
  not(any(present('a'), equals('n', 5))),
];
const rules: readonly ((when?: Condition) => ClassDecorator)[] = [
  (when) => Requires(['a', 'l'], { when, because }),
  (when) => RequiresUnless(['a'], when ?? present('l'), { because }),
  (when) => Forbids(['a', 'l'], { when: when ?? present('f'), because }),
  (when) => AtLeastOneOf(['a', 'l', 'f'], { when, because }),
  (when) => Exclusive([['a'], ['l', 'f'], ['n']], { when, because }),
  (when) => ValueWhen('b', oneOf(['y', 'z']), { when, because }),
  (when) => ValueWhen('b', oneOf(['x', 'z']), { when, because }),
  (when) => ValueWhen('a', text({ max: 2 }), { when, because }),
];

/** The check and the schema of a class say the same of random objects. */
const expectSame = (dto: DtoClass<Fields>): void => {
  const fits = ajv.compile(schemaDocumentOf(dto));
  fc.assert(
    fc.property(anyFields, (input) => {
      const findings = new Findings(STRICT);
      checkObject(dto, input, '', findings);
      expect({ input, fits: fits(input) }).toEqual({ input, fits: findings.violations.length === 0 });
    }),
    { numRuns: 200 },
  );
};

describe('The schema of a class', () => {
  it.each(conditions.map((when) => [when.words, when]))('says each rule, when %s', (_words, when) => {
    for (const rule of rules) {
      class Ruled extends Fields {}
      rule(when)(Ruled);
      expectSame(Ruled);
    }
  });

  it('says each rule without a condition', () => {
    for (const rule of rules) {
      class Ruled extends Fields {}
      rule()(Ruled);
      expectSame(Ruled);
    }
  });

  it.each(conditions.map((when) => [when.words, when]))(
    'says that a mode applies when %s',
    (_words, when) => {
      const fits = ajv.compile(schemaDocumentOf(Fields, when));
      const plain = ajv.compile(schemaDocumentOf(Fields));
      const { fields } = specOf(Fields);
      fc.assert(
        fc.property(anyFields, (input) => {
          expect(fits(input)).toBe(plain(input) && when.holds(new FieldReader(fields, input)));
        }),
      );
    },
  );

  it('tells what it cannot say, also of what is nested', () => {
    class Shot {
      @Whole()
      seconds: number;
      @MediaUrl()
      image_url: string;
    }
    @Sum([{ sumOf: 'shots[].seconds' }], { max: 15 }, { because })
    @Compare('from', '<', 'to', { because })
    @Requires(['to'], { when: present('from'), because })
    class Cut {
      @Shapes(Shot)
      shots: Shot[];
      @Decimal({ optional: true })
      from?: number;
      @Decimal({ optional: true, decimals: 2 })
      to?: number;
    }
    expect(beyondSchema(Cut).map(({ at, words }) => `${at}: ${words}`)).toEqual([
      'shots[].image_url: a URL that parses, without user or password, whose host is public',
      'to: a number with at most 2 decimals',
      `: The sum of all shots[].seconds must be at most 15. ${because}`,
      `: from must be less than to. ${because}`,
    ]);
  });
});
