import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { musicKind } from '../music.kind.js';

const simple = { prompt: 'A song about cycling', custom_mode: false, instrumental: false, mv: 'V5' };
const vocal = {
  prompt: '[Verse]',
  style: 'Folk',
  title: 'Tram',
  custom_mode: true,
  instrumental: false,
  mv: 'V5',
};
const instrumental = { ...vocal, instrumental: true };

const cases: readonly Case[] = [
  ['one sentence', 'generate-music', simple, 'simple'],
  ['one sentence, instrumental', 'generate-music', { ...simple, instrumental: true }, 'simple'],
  [
    'a sentence that is too long',
    'generate-music',
    { ...simple, prompt: 'a'.repeat(501) },
    ['/prompt maxLength'],
  ],
  [
    'a style in simple mode',
    'generate-music',
    { ...simple, style: 'Folk', persona_id: 'p' },
    ['/style forbids', '/persona_id forbids'],
  ],
  [
    'custom with a voice',
    'generate-music',
    { ...vocal, vocal_gender: 'f', style_weight: 0.7 },
    'custom-vocal',
  ],
  ['custom without a voice', 'generate-music', instrumental, 'custom-instrumental'],
  [
    'a voice for an instrumental',
    'generate-music',
    { ...instrumental, vocal_gender: 'f' },
    ['/vocal_gender forbids'],
  ],
  [
    'an instrumental without a prompt',
    'generate-music',
    { ...instrumental, prompt: '' },
    ['/prompt required'],
  ],
  ['a long prompt on V5', 'generate-music', { ...vocal, prompt: 'a'.repeat(5000) }, 'custom-vocal'],
  [
    'a long prompt and style on V4',
    'generate-music',
    { ...vocal, mv: 'V4', prompt: 'a'.repeat(3001), style: 'a'.repeat(201) },
    ['/prompt maxLength', '/style maxLength'],
  ],
  [
    'a long instrumental on V4',
    'generate-music',
    { ...instrumental, mv: 'V4', prompt: 'a'.repeat(3001) },
    ['/prompt maxLength'],
  ],
  ['V3_5, which only the site client knows', 'generate-music', { ...simple, mv: 'V3_5' }, ['/mv enum']],
  [
    'a weight with three decimals',
    'generate-music',
    { ...vocal, style_weight: 0.125 },
    ['/style_weight decimals'],
  ],
  ['a weight above one', 'generate-music', { ...vocal, audio_weight: 1.01 }, ['/audio_weight max']],
  [
    'no custom_mode',
    'generate-music',
    { ...simple, custom_mode: undefined },
    ['/custom_mode no_mode', '/custom_mode required'],
  ],
  [
    'no instrumental in custom mode',
    'generate-music',
    { ...vocal, instrumental: undefined },
    ['/instrumental no_mode', '/instrumental required'],
  ],
];

describe('generate-music', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(musicKind(), model, input)).toEqual(expected);
  });
});

describe('generate-music, accepted', () => {
  const [model] = musicKind().models.filter(({ model }) => model === 'generate-music');

  it('expects two takes', () => {
    expect(model!.check(vocal)).toMatchObject({ expectedFiles: 2, references: [] });
  });

  it('names the persona it refers to', () => {
    expect(model!.check({ ...vocal, persona_id: 'p-1' })).toMatchObject({
      references: [{ pointer: '/input/persona_id', kind: 'persona', value: 'p-1' }],
    });
  });
});
