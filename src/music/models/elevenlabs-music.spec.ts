import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { musicKind } from '../music.kind.js';

const model = 'elevenlabs-music';
const text = { text: 'Slow acoustic guitar' };
const section = {
  section_name: 'Verse',
  lines: ['a'.repeat(200)],
  duration: 20,
  positive_local_styles: ['folk'],
  negative_local_styles: [],
};
const planOf = (...sections: readonly object[]) => ({
  composition_plan: { positive_global_styles: ['calm'], negative_global_styles: [], sections },
});

const cases: readonly Case[] = [
  ['a text', model, { ...text, duration: 45, is_instrumental: true }, 'default'],
  ['a plan', model, { ...planOf(section, section), respect_sections_durations: false }, 'default'],
  ['neither', model, { duration: 45 }, ['/text one_of']],
  ['both', model, { ...text, ...planOf(section) }, ['/composition_plan exclusive']],
  [
    'what only a text has, beside a plan',
    model,
    { ...planOf(section), duration: 45, is_instrumental: false },
    ['/duration forbids', '/is_instrumental forbids'],
  ],
  [
    'what only a plan has, beside a text',
    model,
    { ...text, respect_sections_durations: true },
    ['/respect_sections_durations forbids'],
  ],
  ['a plan without sections', model, planOf(), ['/composition_plan/sections minItems']],
  [
    'sections that are wrong',
    model,
    planOf({ ...section, duration: 121 }, { ...section, lines: ['a'.repeat(201)], tempo: 90 }),
    [
      '/composition_plan/sections/0/duration max',
      '/composition_plan/sections/1/lines/0 maxLength',
      '/composition_plan/sections/1/tempo unknown_field',
    ],
  ],
  ['an unknown format', model, { ...text, output_format: 'mp3' }, ['/output_format enum']],
];

describe('elevenlabs-music', () => {
  it.each(cases)('%s (%s)', (_name, name, input, expected) => {
    expect(verdictOf(musicKind({ catalogue: 'all' }), name, input)).toEqual(expected);
  });

  it('is offered with the models of PoYo only', () => {
    expect(musicKind().models.map((each) => each.model)).not.toContain(model);
  });
});
