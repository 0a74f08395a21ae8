import {
  all,
  any,
  defineFamily,
  equals,
  Flag,
  mode,
  OneOf,
  RequiresUnless,
  Shape,
  Text,
} from '../../shared/validation/index.js';

/*
 * minimax-music-2.6: given lyrics, lyrics written by the optimizer, or no voice. APIDot documents it; its schema closes both
 * the input and audio_setting, so unknown keys are refused there as well.
 *
 * Where sources differ: the site docs read the result from the music detail endpoint, examples and PoYo from the status
 * endpoint; both are read. The site counts the trimmed prompt; here every character counts.
 *
 * Lyrics may be sent with the optimizer, which is described as acting only when they are empty. Whether lyrics of an
 * instrumental are ignored or refused is not stated; they are passed on.
 */

export class MinimaxAudioSetting {
  @OneOf([16_000, 24_000, 32_000, 44_100], { default: 44_100 })
  sample_rate?: 16_000 | 24_000 | 32_000 | 44_100;

  @OneOf([32_000, 64_000, 128_000, 256_000], { default: 256_000 })
  bitrate?: 32_000 | 64_000 | 128_000 | 256_000;

  @OneOf(['mp3', 'wav', 'pcm'], { default: 'mp3' })
  format?: 'mp3' | 'wav' | 'pcm';
}

@RequiresUnless(['lyrics'], any(equals('is_instrumental', true), equals('lyrics_optimizer', true)), {
  because: 'A song needs words: send lyrics, let the optimizer write them, or ask for an instrumental.',
})
export class MinimaxMusic26 {
  @Text({ min: 10, max: 2000 })
  prompt: string;

  @Text({ max: 3500, optional: true })
  lyrics?: string;

  @Flag({ default: false })
  is_instrumental?: boolean;

  @Flag({ default: false })
  lyrics_optimizer?: boolean;

  @Shape(MinimaxAudioSetting, { optional: true })
  audio_setting?: MinimaxAudioSetting;
}

const result = { fileType: 'audio', count: 1 };
const mp3 = { sample_rate: 44_100, bitrate: 256_000, format: 'mp3' } as const;

export const minimaxMusic = defineFamily('minimax-music', 'apidot-documented', {
  'minimax-music-2.6': [
    mode('lyrics-given', MinimaxMusic26, {
      when: all(equals('is_instrumental', false), equals('lyrics_optimizer', false)),
      example: {
        prompt: 'Slow acoustic guitar with light hand percussion, calm mood',
        lyrics: '[Verse]\nMorning on the empty road\n[Chorus]\nRolling, rolling on',
        audio_setting: mp3,
      },
      result,
    }),
    mode('lyrics-generated', MinimaxMusic26, {
      when: all(equals('is_instrumental', false), equals('lyrics_optimizer', true)),
      example: {
        prompt: 'Slow acoustic guitar with a warm voice, calm mood',
        lyrics_optimizer: true,
        audio_setting: mp3,
      },
      result,
    }),
    mode('instrumental', MinimaxMusic26, {
      when: equals('is_instrumental', true),
      example: {
        prompt: 'Slow acoustic guitar with light hand percussion, calm mood',
        is_instrumental: true,
        audio_setting: { sample_rate: 32_000, bitrate: 128_000, format: 'wav' },
      },
      result,
    }),
  ],
});
