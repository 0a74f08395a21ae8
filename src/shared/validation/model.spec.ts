import 'reflect-metadata';
import fc from 'fast-check';
import {
  absent,
  checkedModel,
  defineFamily,
  equals,
  mode,
  type ModeResult,
  offeredModels,
  OneOf,
  present,
  Reference,
  Shape,
  Text,
  Texts,
  Whole,
} from './index.js';
import { DEEPEST, MOST_VALUES } from './json-limits.js';
import { STRICT } from './value-type.js';

class Inner {
  @Text({ optional: true })
  note?: string;
}

class FromText {
  @Text({ max: 10 })
  prompt: string;

  @Whole({ min: 1, max: 9, default: 1 })
  n?: number;

  @Shape(Inner, { optional: true })
  inner?: Inner;

  @Texts({ optional: true })
  tags?: string[];
}

class FromVoice {
  @Text({ max: 10 })
  prompt: string;

  @OneOf(['a', 'b'])
  voice: 'a' | 'b';

  @Reference('persona', { optional: true })
  persona_id?: string;

  @Reference('task')
  task_id: string;
}

const [definition] = defineFamily('family', 'apidot-documented', {
  model: [
    mode('text', FromText, {
      when: absent('voice'),
      example: { prompt: 'x' },
      result: { fileType: 'image', count: 'n' },
    }),
    mode('voice', FromVoice, {
      when: equals('voice', 'a'),
      example: { prompt: 'x', voice: 'a', task_id: 't' },
      result: { fileType: 'audio', count: 2 },
    }),
  ],
});
const model = checkedModel(definition!, STRICT);

describe('The check of a model', () => {
  it('takes the first mode that fits', () => {
    expect(model.check({ prompt: 'x' })).toMatchObject({ valid: true, mode: 'text' });
    expect(model.check({ prompt: 'x', voice: 'a', task_id: 't' })).toMatchObject({
      valid: true,
      mode: 'voice',
    });
  });

  it('says how many files to expect, from a number or from a field with its default', () => {
    expect(model.check({ prompt: 'x', n: 4 })).toMatchObject({ expectedFiles: 4 });
    expect(model.check({ prompt: 'x' })).toMatchObject({ expectedFiles: 1 });
    expect(model.check({ prompt: 'x', voice: 'a', task_id: 't' })).toMatchObject({ expectedFiles: 2 });
  });

  it('expects no number of files where nobody publishes one, or the field that says it has no value', () => {
    const verdictOn = (result: ModeResult) => {
      const [made] = defineFamily('family', 'apidot-documented', {
        model: [mode('text', FromText, { example: { prompt: 'x' }, result })],
      });
      return checkedModel(made!, STRICT).check({ prompt: 'x' });
    };
    expect(verdictOn({ fileType: 'audio', count: null })).toMatchObject({
      expectedFiles: null,
      mayLackFiles: true,
    });
    expect(verdictOn({ fileType: 'audio', count: 'seeds' })).toMatchObject({
      expectedFiles: null,
      mayLackFiles: false,
    });
    expect(verdictOn({ fileType: 'text', count: 1 })).toMatchObject({ expectedFiles: 0, mayLackFiles: true });
  });

  it('lists the provider ids inside the input', () => {
    expect(model.check({ prompt: 'x', voice: 'a', task_id: 't-1', persona_id: 'p-1' })).toMatchObject({
      references: [
        { pointer: '/input/persona_id', kind: 'persona', value: 'p-1' },
        { pointer: '/input/task_id', kind: 'task', value: 't-1' },
      ],
    });
    expect(model.check({ prompt: 'x', voice: 'a', task_id: 't-1', persona_id: '' })).toMatchObject({
      references: [{ kind: 'task' }],
    });
  });

  it('names the modes when none fits, and what is wrong in each of them', () => {
    expect(model.check({ voice: 'b', zz: 1 })).toEqual({
      valid: false,
      violations: [
        {
          pointer: '/input/voice',
          code: 'no_mode',
          message:
            'No mode of model fits. There are: text (when voice is not given), voice (when voice is a).',
        },
        expect.objectContaining({ pointer: '/input/prompt', code: 'required' }),
        expect.objectContaining({ pointer: '/input/zz', code: 'unknown_field' }),
      ],
    });
  });

  it.each([null, undefined, 5, 'text', [], true, () => 1, Symbol('x'), 10n])(
    'refuses %p as no object',
    (input) => {
      expect(model.check(input)).toMatchObject({
        valid: false,
        violations: [{ pointer: '/input', code: 'type' }],
      });
    },
  );

  it('sees a field called __proto__', () => {
    expect(model.check(JSON.parse('{"prompt":"x","__proto__":{"n":3}}'))).toMatchObject({
      violations: [{ pointer: '/input/__proto__', code: 'unknown_field' }],
    });
    expect(({} as Record<string, unknown>)['n']).toBeUndefined();
  });

  it('changes nothing, not even a frozen input', () => {
    const input = Object.freeze({
      prompt: 'x',
      inner: Object.freeze({ note: 'y' }),
      tags: Object.freeze(['z']),
    });
    expect(model.check(input)).toMatchObject({ valid: true });
  });

  it('refuses what is nested too deeply, cyclic or too large, at once', () => {
    const deep = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
    const cyclic: Record<string, unknown> = { prompt: 'x' };
    cyclic['inner'] = cyclic;
    expect(model.check({ prompt: 'x', tags: deep(DEEPEST) })).toMatchObject({
      violations: [{ pointer: '/input', code: 'too_deep' }],
    });
    expect(model.check({ prompt: 'x', tags: deep(100_000) })).toMatchObject({
      violations: [{ code: 'too_deep' }],
    });
    expect(model.check(cyclic)).toMatchObject({ violations: [{ code: 'too_deep' }] });
    expect(model.check({ prompt: 'x', tags: Array(MOST_VALUES).fill('') })).toMatchObject({
      violations: [{ code: 'too_large' }],
    });
    expect(model.check({ prompt: 'x', tags: Array(MOST_VALUES - 10).fill('') })).toMatchObject({
      valid: true,
    });
  });

  it('does not repeat a very long name', () => {
    const verdict = model.check({ prompt: 'x', ['k'.repeat(100_000)]: 1 });
    expect(verdict).toMatchObject({ violations: [{ pointer: '/input', code: 'unknown_field' }] });
    expect(JSON.stringify(verdict).length).toBeLessThan(500);
  });

  it('reports one violation for hundreds of unknown names', () => {
    const input = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, i]));
    expect(model.check({ prompt: 'x', ...input })).toMatchObject({
      violations: [{ pointer: '/input', code: 'too_many_fields' }],
    });
  });

  it('never throws, whatever the value is', () => {
    const names = fc.constantFrom(
      'prompt',
      'n',
      'inner',
      'tags',
      'voice',
      'task_id',
      'persona_id',
      '__proto__',
      'constructor',
      'zz',
    );
    const values = fc.oneof(
      fc.anything({
        withBigInt: true,
        withNullPrototype: true,
        withDate: true,
        withMap: true,
        withTypedArray: true,
      }),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(fc.oneof(values, fc.dictionary(names, values)), (input) => {
        const verdict = model.check(input);
        if (!verdict.valid)
          for (const { pointer } of verdict.violations) expect(pointer).toMatch(/^\/input(\/|$)/);
      }),
      { numRuns: 2000 },
    );
  });

  it('survives getters and traps that throw', () => {
    const trap = new Proxy({}, { ownKeys: () => { throw new Error('no'); } }); // prettier-ignore
    const getter = { get prompt(): string { throw new Error('no'); } }; // prettier-ignore
    for (const input of [trap, getter, { prompt: 'x', inner: trap }])
      expect(model.check(input)).toMatchObject({ valid: false });
  });

  it('takes a time that grows with the input at most', () => {
    const input = (size: number) => ({
      prompt: 'x'.repeat(size * 100),
      tags: Array(size).fill('\u{1F6B2}x'),
      ['k'.repeat(size * 100)]: 1,
    });
    const fastest = (size: number) => {
      const big = input(size);
      const times = Array.from({ length: 30 }, () => {
        const started = performance.now();
        model.check(big);
        return performance.now() - started;
      });
      return Math.min(...times);
    };
    // Twenty times the input; a quadratic check would take four hundred times as long.
    fastest(400);
    expect(fastest(8000) / fastest(400)).toBeLessThan(100);
  });

  it('takes less than 50 µs for a typical input', () => {
    const input = { prompt: 'x', n: 3, inner: { note: 'y' }, tags: ['a', 'b', 'c'] };
    const times = Array.from({ length: 5000 }, () => {
      const started = performance.now();
      model.check(input);
      return performance.now() - started;
    });
    expect(times.sort((a, b) => a - b)[2500]! * 1000).toBeLessThan(50);
  });
});

describe('The models a module offers', () => {
  const models = [
    ...defineFamily('known', 'apidot-documented', {
      known: [
        mode('text', FromText, {
          when: absent('voice'),
          example: { prompt: 'x' },
          result: { fileType: 'image', count: 1 },
        }),
        mode('voice', FromVoice, {
          when: present('voice'),
          availability: 'poyo-only',
          example: { prompt: 'x', voice: 'a', task_id: 't' },
          result: { fileType: 'audio', count: 1 },
        }),
      ],
    }),
    ...defineFamily('sibling', 'poyo-only', {
      sibling: [
        mode('text', FromText, { example: { prompt: 'x' }, result: { fileType: 'image', count: 1 } }),
      ],
    }),
  ];
  const shown = (options: object) =>
    offeredModels('image', models, options).map(
      ({ model, modes }) => `${model}: ${modes.map(({ mode }) => mode).join(', ')}`,
    );

  it('are those of APIDot unless all are asked for', () => {
    expect(shown({})).toEqual(['known: text']);
    expect(shown({ catalogue: 'all' })).toEqual(['known: text, voice', 'sibling: text']);
  });

  it('refuse options that make no sense, by name', () => {
    expect(() => shown({ catalogue: 'poyo' })).toThrow(
      'image.catalogue must be "apidot" or "all", not "poyo".',
    );
    expect(() => shown({ allowPrivateMediaUrls: 'yes' })).toThrow(
      'image.allowPrivateMediaUrls must be true or false, not "yes".',
    );
  });
});
