import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { checkObject } from './check-object.js';
import { specOf } from './class-spec.js';
import { Findings } from './findings.js';
import {
  absent,
  all,
  any,
  AtLeastOneOf,
  Compare,
  count,
  equals,
  Exclusive,
  Forbids,
  isIn,
  itemCount,
  matches,
  not,
  OneOf,
  oneOf,
  present,
  Requires,
  RequiresUnless,
  Shapes,
  Sum,
  Text,
  text,
  Texts,
  ValueWhen,
  Whole,
} from './index.js';
import { type DtoClass, STRICT } from './value-type.js';

const because = 'For a reason.';

class Shot {
  @Whole({ default: 5 })
  seconds?: number;
}

/** Fields of every kind a rule can read, and no rule. */
class Fields {
  @OneOf(['V4', 'V5'], { default: 'V4' })
  version?: 'V4' | 'V5';

  @Text({ optional: true })
  title?: string;

  @Text({ optional: true })
  style?: string;

  @Whole({ optional: true })
  from?: number;

  @Whole({ default: 10 })
  to?: number;

  @Texts({ optional: true })
  tags?: string[];

  @Shapes(Shot, { optional: true })
  shots?: Shot[];
}

/** What our checker finds; class-validator has to find something too, or nothing too. */
const found = (rule: ClassDecorator, input: object): string[] => {
  class Ruled extends Fields {}
  rule(Ruled);
  const findings = new Findings(STRICT);
  checkObject(Ruled, input, '/input', findings);
  const errors = validateSync(plainToInstance(Ruled, input), { whitelist: true, forbidNonWhitelisted: true });
  expect(errors.length > 0).toBe(findings.violations.length > 0);
  return findings.violations.map(({ pointer, code }) => `${pointer} ${code}`);
};

type Row = readonly [name: string, rule: ClassDecorator, input: object, expected: readonly string[]];

const table: readonly Row[] = [
  [
    'requires all of its fields',
    Requires(['title', 'style'], { because }),
    { title: 'x' },
    ['/input/style requires'],
  ],
  ['takes empty text as absent', Requires(['title'], { because }), { title: '' }, ['/input/title requires']],
  ['takes an empty list as absent', Requires(['tags'], { because }), { tags: [] }, ['/input/tags requires']],
  [
    'does not take a default for presence',
    Requires(['version'], { because }),
    {},
    ['/input/version requires'],
  ],
  ['requires only when asked to', Requires(['title'], { because, when: equals('version', 'V5') }), {}, []],
  [
    'reads a default in a condition',
    Requires(['title'], { because, when: equals('version', 'V4') }),
    {},
    ['/input/title requires'],
  ],

  [
    'requires unless',
    RequiresUnless(['title'], present('style'), { because }),
    {},
    ['/input/title required_unless'],
  ],
  [
    'does not require when the exception holds',
    RequiresUnless(['title'], present('style'), { because }),
    { style: 'x' },
    [],
  ],

  [
    'forbids each of its fields',
    Forbids(['title', 'style'], { because }),
    { title: 'x', style: 'y' },
    ['/input/title forbids', '/input/style forbids'],
  ],
  [
    'forbids a name of no field',
    Forbids(['image_urls'], { because }),
    { image_urls: ['x'] },
    ['/input/image_urls forbids'],
  ],
  [
    'forbids a name of no field even when empty',
    Forbids(['image_urls'], { because }),
    { image_urls: [] },
    ['/input/image_urls forbids'],
  ],
  ['forbids a field only when it is there', Forbids(['tags'], { because }), { tags: [] }, []],
  [
    'forbids when',
    Forbids(['title'], { because, when: present('tags') }),
    { title: 'x', tags: ['y'] },
    ['/input/title forbids'],
  ],

  ['wants at least one', AtLeastOneOf(['title', 'style'], { because }), {}, ['/input/title one_of']],
  ['is content with one', AtLeastOneOf(['title', 'style'], { because }), { style: 'x' }, []],

  [
    'excludes groups',
    Exclusive([['title'], ['style', 'tags']], { because }),
    { title: 'x', tags: ['y'] },
    ['/input/tags exclusive'],
  ],
  [
    'lets one group be',
    Exclusive([['title'], ['style', 'tags']], { because }),
    { style: 'x', tags: ['y'] },
    [],
  ],
  [
    'excludes names of no field, once',
    Exclusive([['title'], ['zz']], { because }),
    { title: 'x', zz: 1 },
    ['/input/zz exclusive'],
  ],

  [
    'narrows a value',
    ValueWhen('title', text({ max: 3 }), { because }),
    { title: 'four' },
    ['/input/title maxLength'],
  ],
  [
    'narrows a default',
    ValueWhen('version', oneOf(['V5']), { because, when: present('title') }),
    { title: 'x' },
    ['/input/version enum'],
  ],
  ['leaves a missing value alone', ValueWhen('title', text({ max: 3 }), { because }), {}, []],
  [
    'leaves a wrong type to the field',
    ValueWhen('title', text({ max: 3 }), { because }),
    { title: 5 },
    ['/input/title type'],
  ],
  [
    'narrows a list',
    ValueWhen('tags', itemCount({ max: 1 }), { because }),
    { tags: ['a', 'b'] },
    ['/input/tags maxItems'],
  ],
  [
    'narrows a list to some counts',
    ValueWhen('tags', itemCount({ counts: [1, 3] }), { because }),
    { tags: ['a', 'b'] },
    ['/input/tags counts'],
  ],
  [
    'accepts such a count',
    ValueWhen('tags', itemCount({ counts: [1, 3] }), { because }),
    { tags: ['a', 'b', 'c'] },
    [],
  ],

  [
    'sums up to the bound',
    Sum([{ count: 'tags' }, { value: 'from' }], { max: 4 }, { because }),
    { tags: ['a'], from: 3 },
    [],
  ],
  [
    'sums above the bound, blaming the most',
    Sum([{ count: 'tags' }, { value: 'from' }], { max: 4 }, { because }),
    { tags: ['a'], from: 4 },
    ['/input/from sum'],
  ],
  [
    'sums with a default',
    Sum([{ count: 'tags' }, { value: 'to' }], { max: 10 }, { because }),
    { tags: ['a'] },
    ['/input/to sum'],
  ],
  [
    'sums with the default of the term',
    Sum([{ value: 'from', default: 7 }], { max: 6 }, { because }),
    {},
    ['/input/from sum'],
  ],
  [
    'sums over items',
    Sum([{ sumOf: 'shots[].seconds', default: 5 }], { min: 3, max: 15 }, { because }),
    { shots: [{}, { seconds: 11 }] },
    ['/input/shots sum'],
  ],
  [
    'sums over items up to the bound',
    Sum([{ sumOf: 'shots[].seconds', default: 5 }], { min: 3, max: 15 }, { because }),
    { shots: [{}, { seconds: 10 }] },
    [],
  ],
  [
    'sums below the bound',
    Sum([{ sumOf: 'shots[].seconds' }], { min: 3 }, { because }),
    { shots: [{ seconds: 2 }] },
    ['/input/shots sum'],
  ],

  ['compares', Compare('from', '<', 'to', { because }), { from: 5, to: 5 }, ['/input/to compare']],
  ['compares with a default', Compare('from', '<=', 'to', { because }), { from: 11 }, ['/input/to compare']],
  [
    'compares only numbers',
    Compare('from', '>', 'to', { because }),
    { from: 'x', to: 5 },
    ['/input/from type'],
  ],

  [
    'asks for one of several',
    Requires(['title'], { because, when: isIn('version', ['V4', 'V3']) }),
    {},
    ['/input/title requires'],
  ],
  [
    'asks for a pattern',
    Requires(['title'], { because, when: matches('style', /^\d+$/, 'a number') }),
    { style: '12' },
    ['/input/title requires'],
  ],
  [
    'asks for a number of items',
    Requires(['title'], { because, when: count('tags', 2) }),
    { tags: ['a', 'b'] },
    ['/input/title requires'],
  ],
  [
    'counts an absent list as empty',
    Requires(['title'], { because, when: count('tags', 0) }),
    {},
    ['/input/title requires'],
  ],
  [
    'joins questions with and',
    Requires(['title'], { because, when: all(absent('tags'), present('style')) }),
    { style: 'x', tags: ['y'] },
    [],
  ],
  [
    'joins questions with or',
    Requires(['title'], { because, when: any(absent('tags'), present('style')) }),
    { style: 'x', tags: ['y'] },
    ['/input/title requires'],
  ],
  [
    'turns a question around',
    Requires(['title'], { because, when: not(present('style')) }),
    {},
    ['/input/title requires'],
  ],
];

describe('A rule between fields', () => {
  it.each(table)('%s', (_name, rule, input, expected) => {
    expect(found(rule, input)).toEqual(expected);
  });

  it('is told with its condition and its reason', () => {
    @Requires(['title'], { when: equals('version', 'V5'), because: 'V5 prints it.' })
    class Ruled extends Fields {}
    const findings = new Findings(STRICT);
    checkObject(Ruled, { version: 'V5' }, '/input', findings);
    expect(findings.violations[0]!.message).toBe('title is required when version is V5. V5 prints it.');
  });

  it('adds to the rules of the base class', () => {
    @Requires(['title'], { because })
    class Base extends Fields {}
    @Requires(['style'], { because })
    class Ruled extends Base {}
    const findings = new Findings(STRICT);
    checkObject(Ruled, {}, '/input', findings);
    expect(findings.violations.map(({ pointer }) => pointer)).toEqual(['/input/title', '/input/style']);
    expect(validateSync(new Ruled())).toHaveLength(2);
  });

  it('must speak of fields that exist', () => {
    class Ruled extends Fields {}
    Requires(['titel'], { because })(Ruled);
    expect(() => specOf(Ruled as DtoClass)).toThrow(
      'A requires rule of Ruled speaks of "titel", which is not a field of it.',
    );
  });
});
