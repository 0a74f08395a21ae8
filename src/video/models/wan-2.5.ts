import { defineFamily, MediaUrls, mode, OneOf, Text, Whole } from '../../shared/validation/index.js';

/*
 * wan2.5-text-to-video and wan2.5-image-to-video. The ids are in the source of APIDot's web site; fields come from PoYo.
 *
 * aspect_ratio takes sizes in pixels, joined by an asterisk. PoYo cuts a prompt of more than 1500 characters; here it is
 * refused, so that nothing is lost unseen.
 *
 * audio is text, a boolean is refused; what the text must be is not published. Neither are the default size, the longest
 * negative_prompt and the bounds of seed.
 */

abstract class Wan25Input {
  @Text({ max: 1500 })
  prompt: string;

  @OneOf([5, 10], { default: 5, about: 'Seconds.' })
  duration?: 5 | 10;

  @Text({ optional: true, about: 'Text, never true or false; what it must be is not published.' })
  audio?: string;

  @Text({ optional: true })
  negative_prompt?: string;

  @Whole({ optional: true })
  seed?: number;
}

const SIZES = ['832*480', '480*832', '1280*720', '720*1280', '1920*1080', '1080*1920'] as const;

export class Wan25TextToVideo extends Wan25Input {
  @OneOf(SIZES, { optional: true, about: 'Width and height in pixels, not a ratio.' })
  aspect_ratio?: (typeof SIZES)[number];
}

export class Wan25ImageToVideo extends Wan25Input {
  @MediaUrls({ min: 1, max: 1 })
  image_urls: string[];

  @OneOf(['480p', '720p', '1080p'], { default: '720p' })
  resolution?: '480p' | '720p' | '1080p';
}

const result = { fileType: 'video', count: 1 };

export const wan25 = defineFamily('wan-2.5', 'apidot-client-code', {
  'wan2.5-text-to-video': [
    mode('text-to-video', Wan25TextToVideo, {
      example: {
        prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
        duration: 5,
        aspect_ratio: '832*480',
      },
      result,
    }),
  ],
  'wan2.5-image-to-video': [
    mode('image-to-video', Wan25ImageToVideo, {
      example: {
        prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
        duration: 5,
        resolution: '720p',
        image_urls: ['https://example.com/inputs/first.png'],
      },
      result,
    }),
  ],
});
