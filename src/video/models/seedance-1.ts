import {
  absent,
  defineFamily,
  Flag,
  MediaUrls,
  mode,
  OneOf,
  present,
  Text,
} from '../../shared/validation/index.js';

/*
 * seedance-1.0-pro and seedance-1.5-pro. Both ids are in the source of APIDot's web site; fields come from PoYo.
 *
 * Where sources differ:
 * - image_urls of 1.0-pro is required in APIDot's site client, optional at PoYo: both modes are offered, text alone is
 *   unproven on APIDot;
 * - aspect_ratio and duration of 1.5-pro are optional in APIDot's site client, required at PoYo: required here;
 * - 1080p of 1.5-pro stands at PoYo only: accepted with MODEL_CATALOGUE=all.
 *
 * Not published: the defaults of resolution and duration of 1.0-pro, and those of the optional fields of 1.5-pro.
 */

export class Seedance10ProTextToVideo {
  @Text({ max: 10_000 })
  prompt: string;

  @OneOf(['720p', '1080p'], { optional: true })
  resolution?: '720p' | '1080p';

  @OneOf([5, 10], { optional: true, about: 'Seconds.' })
  duration?: 5 | 10;
}

export class Seedance10ProImageToVideo extends Seedance10ProTextToVideo {
  @MediaUrls({ min: 1, max: 1 })
  image_urls: string[];
}

const RATIOS = ['1:1', '21:9', '4:3', '3:4', '16:9', '9:16'] as const;

export class Seedance15ProTextToVideoAtPoyo {
  @Text({ min: 3, max: 2500 })
  prompt: string;

  @OneOf(RATIOS)
  aspect_ratio: (typeof RATIOS)[number];

  @OneOf([4, 8, 12], { about: 'Seconds.' })
  duration: 4 | 8 | 12;

  @OneOf(['480p', '720p', '1080p'], { optional: true })
  resolution?: '480p' | '720p' | '1080p';

  @Flag({ optional: true })
  fixed_lens?: boolean;

  @Flag({ optional: true })
  generate_audio?: boolean;
}

export class Seedance15ProImageToVideoAtPoyo extends Seedance15ProTextToVideoAtPoyo {
  @MediaUrls({ min: 1, max: 2, about: 'Opening and closing frame; JPEG, PNG or WEBP up to 10 MB.' })
  image_urls: string[];
}

export class Seedance15ProTextToVideo extends Seedance15ProTextToVideoAtPoyo {
  @OneOf(['480p', '720p'], { optional: true })
  declare resolution?: '480p' | '720p';
}

export class Seedance15ProImageToVideo extends Seedance15ProImageToVideoAtPoyo {
  @OneOf(['480p', '720p'], { optional: true })
  declare resolution?: '480p' | '720p';
}

const result = { fileType: 'video', count: 1 };

const whenText = absent('image_urls');
const whenImage = present('image_urls');

const textPrompt = 'A red bicycle rolls down a quiet street while the camera follows from the side';
const imagePrompt = 'The bicycle starts to move and the camera drifts slowly to the right';

export const seedance1 = defineFamily('seedance-1', 'apidot-client-code', {
  'seedance-1.0-pro': [
    mode('text-to-video', Seedance10ProTextToVideo, {
      when: whenText,
      example: { prompt: textPrompt, resolution: '720p', duration: 5 },
      result,
    }),
    mode('image-to-video', Seedance10ProImageToVideo, {
      when: whenImage,
      example: {
        prompt: imagePrompt,
        resolution: '720p',
        duration: 5,
        image_urls: ['https://example.com/inputs/bike.png'],
      },
      result,
    }),
  ],
  'seedance-1.5-pro': [
    mode('text-to-video', Seedance15ProTextToVideo, {
      atPoyo: Seedance15ProTextToVideoAtPoyo,
      when: whenText,
      example: {
        prompt: textPrompt,
        aspect_ratio: '16:9',
        duration: 4,
        resolution: '720p',
        generate_audio: true,
      },
      result,
    }),
    mode('image-to-video', Seedance15ProImageToVideo, {
      atPoyo: Seedance15ProImageToVideoAtPoyo,
      when: whenImage,
      example: {
        prompt: imagePrompt,
        aspect_ratio: '16:9',
        duration: 4,
        resolution: '720p',
        image_urls: ['https://example.com/inputs/first.png', 'https://example.com/inputs/last.png'],
      },
      result,
    }),
  ],
});
