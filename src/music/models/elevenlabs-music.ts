import {
  AtLeastOneOf,
  Decimal,
  defineFamily,
  Exclusive,
  Flag,
  Forbids,
  mode,
  OneOf,
  present,
  Shape,
  Shapes,
  Text,
  Texts,
} from '../../shared/validation/index.js';

/*
 * elevenlabs-music: a piece from a text, or from a plan of sections. Id and fields come from PoYo, whose schema closes the
 * input, so unknown keys are refused there as well. There is no trace of it at APIDot.
 *
 * Not published: a bound on the whole length of a plan; how many sections, lines and styles there may be.
 */

const FORMATS = [
  'mp3_22050_32',
  'mp3_44100_32',
  'mp3_44100_64',
  'mp3_44100_96',
  'mp3_44100_128',
  'mp3_44100_192',
  'pcm_8000',
  'pcm_16000',
  'pcm_22050',
  'pcm_24000',
  'pcm_44100',
  'pcm_48000',
  'ulaw_8000',
  'alaw_8000',
  'opus_48000_32',
  'opus_48000_64',
  'opus_48000_96',
  'opus_48000_128',
  'opus_48000_192',
] as const;

export class ElevenlabsSection {
  @Text({ max: 100 })
  section_name: string;

  @Texts({ item: { max: 200 } })
  lines: string[];

  @Decimal({ min: 3, max: 120, about: 'Seconds.' })
  duration: number;

  @Texts()
  positive_local_styles: string[];

  @Texts()
  negative_local_styles: string[];
}

export class ElevenlabsPlan {
  @Texts()
  positive_global_styles: string[];

  @Texts()
  negative_global_styles: string[];

  @Shapes(ElevenlabsSection, { min: 1 })
  sections: ElevenlabsSection[];
}

@AtLeastOneOf(['text', 'composition_plan'], {
  because: 'The piece is described by a text or by a plan of its sections.',
})
@Exclusive([['text'], ['composition_plan']], {
  because: 'The piece is described by a text or by a plan of its sections.',
})
@Forbids(['duration', 'is_instrumental'], {
  when: present('composition_plan'),
  because: 'The sections of a plan say how long they are and what is sung.',
})
@Forbids(['respect_sections_durations'], {
  when: present('text'),
  because: 'Only a plan has sections.',
})
export class ElevenlabsMusic {
  @Text({ max: 4100, optional: true })
  text?: string;

  @Decimal({ min: 3, max: 600, optional: true, about: 'Seconds.' })
  duration?: number;

  @Flag({ default: false })
  is_instrumental?: boolean;

  @Shape(ElevenlabsPlan, { optional: true })
  composition_plan?: ElevenlabsPlan;

  @Flag({ default: true })
  respect_sections_durations?: boolean;

  @OneOf(FORMATS, { default: 'mp3_44100_128' })
  output_format?: (typeof FORMATS)[number];
}

export const elevenlabsMusic = defineFamily('elevenlabs-music', 'poyo-only', {
  'elevenlabs-music': [
    mode('default', ElevenlabsMusic, {
      example: { text: 'Slow acoustic guitar', duration: 45, is_instrumental: true },
      result: { fileType: 'audio', count: 1 },
    }),
  ],
});
