import {
  all,
  Decimal,
  defineFamily,
  equals,
  Flag,
  Forbids,
  mode,
  OneOf,
  Reference,
  Text,
  text,
  ValueWhen,
} from '../../shared/validation/index.js';

/*
 * generate-music: a song from one sentence, or custom with or without a voice. APIDot documents it in its examples.
 *
 * Where sources differ:
 * - mv: PoYo's list is accepted; V3_5, which only APIDot's site client knows, is not;
 * - prompt of a custom instrumental: PoYo's schema requires it, its prose calls style and title enough, APIDot's examples
 *   send it: required;
 * - instrumental in simple mode is allowed by PoYo's schema, while one third-party client reports that it needs custom
 *   mode: accepted;
 * - results are read from the status and the music detail endpoint, the detail wins. Usually two takes.
 */

const VERSIONS = ['V4', 'V4_5', 'V4_5ALL', 'V4_5PLUS', 'V5', 'V5_5'] as const;

abstract class GenerateMusicInput {
  @Flag()
  custom_mode: boolean;

  @Flag()
  instrumental: boolean;

  @OneOf(VERSIONS)
  mv: (typeof VERSIONS)[number];
}

@Forbids(
  [
    'style',
    'title',
    'negative_tags',
    'vocal_gender',
    'style_weight',
    'weirdness_constraint',
    'audio_weight',
    'persona_id',
  ],
  { because: 'In simple mode the prompt says everything; these fields belong to custom mode.' },
)
export class GenerateMusicSimple extends GenerateMusicInput {
  @Text({ max: 500 })
  prompt: string;
}

@ValueWhen('prompt', text({ max: 3000 }), {
  when: equals('mv', 'V4'),
  because: 'On V4 the prompt stops at 3000 characters, elsewhere at 5000.',
})
@ValueWhen('style', text({ max: 200 }), {
  when: equals('mv', 'V4'),
  because: 'On V4 the style stops at 200 characters, elsewhere at 1000.',
})
abstract class GenerateMusicCustom extends GenerateMusicInput {
  @Text({ max: 5000 })
  prompt: string;

  @Text({ max: 1000 })
  style: string;

  @Text({ max: 80 })
  title: string;

  @Text({ optional: true })
  negative_tags?: string;

  @Reference('persona', { optional: true })
  persona_id?: string;

  @Decimal({ min: 0, max: 1, decimals: 2, optional: true })
  style_weight?: number;

  @Decimal({ min: 0, max: 1, decimals: 2, optional: true })
  weirdness_constraint?: number;

  @Decimal({ min: 0, max: 1, decimals: 2, optional: true })
  audio_weight?: number;
}

@Forbids(['vocal_gender'], { because: 'A voice choice has no effect without vocals.' })
export class GenerateMusicCustomInstrumental extends GenerateMusicCustom {}

/** The prompt is used word for word as lyrics. */
export class GenerateMusicCustomVocal extends GenerateMusicCustom {
  @OneOf(['m', 'f'], { optional: true })
  vocal_gender?: 'm' | 'f';
}

const result = { fileType: 'audio', count: 2 };

export const generateMusic = defineFamily('generate-music', 'apidot-documented', {
  'generate-music': [
    mode('simple', GenerateMusicSimple, {
      when: equals('custom_mode', false),
      example: {
        prompt: 'A cheerful song about cycling to work',
        custom_mode: false,
        instrumental: false,
        mv: 'V4',
      },
      result,
    }),
    mode('custom-instrumental', GenerateMusicCustomInstrumental, {
      when: all(equals('custom_mode', true), equals('instrumental', true)),
      example: {
        prompt: 'Slow piano',
        style: 'Classical, calm',
        title: 'Morning Room',
        custom_mode: true,
        instrumental: true,
        mv: 'V5_5',
        negative_tags: 'drums',
        style_weight: 0.65,
      },
      result,
    }),
    mode('custom-vocal', GenerateMusicCustomVocal, {
      when: all(equals('custom_mode', true), equals('instrumental', false)),
      example: {
        prompt: '[Verse]\nRain on the tram line\n[Chorus]\nCity lights, city lights',
        style: 'Folk, accordion',
        title: 'Tram Line',
        custom_mode: true,
        instrumental: false,
        mv: 'V5',
        vocal_gender: 'f',
        style_weight: 0.7,
        weirdness_constraint: 0.35,
        audio_weight: 0.5,
      },
      result,
    }),
  ],
});
