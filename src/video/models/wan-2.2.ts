import { defineFamily, MediaUrls, mode, OneOf, Text, Whole } from '../../shared/validation/index.js';

/*
 * wan2.2-text-to-video-fast and wan2.2-image-to-video-fast. The ids are in the source of APIDot's web site; fields come from
 * PoYo.
 *
 * Where sources differ: APIDot's site client types seven ratios, PoYo lists two; two are accepted.
 *
 * PoYo cuts a prompt of more than 800 characters; here it is refused, so that nothing is lost unseen. The default
 * resolution is 720p for text, but 480p for images. No bounds of seed are published.
 */

abstract class Wan22Input {
  @Text({ max: 800 })
  prompt: string;

  @Whole({ optional: true })
  seed?: number;
}

export class Wan22TextToVideo extends Wan22Input {
  @OneOf(['480p', '720p'], { default: '720p' })
  resolution?: '480p' | '720p';

  @OneOf(['16:9', '9:16'], { default: '16:9' })
  aspect_ratio?: '16:9' | '9:16';
}

export class Wan22ImageToVideo extends Wan22Input {
  @MediaUrls({ min: 1, max: 2, about: 'Opening and closing frame.' })
  image_urls: string[];

  @OneOf(['480p', '720p'], { default: '480p' })
  resolution?: '480p' | '720p';
}

const result = { fileType: 'video', count: 1 };

export const wan22 = defineFamily('wan-2.2', 'apidot-client-code', {
  'wan2.2-text-to-video-fast': [
    mode('text-to-video', Wan22TextToVideo, {
      example: {
        prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
        resolution: '480p',
        aspect_ratio: '16:9',
      },
      result,
    }),
  ],
  'wan2.2-image-to-video-fast': [
    mode('image-to-video', Wan22ImageToVideo, {
      example: {
        prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
        resolution: '480p',
        image_urls: ['https://example.com/inputs/first.png'],
      },
      result,
    }),
  ],
});
