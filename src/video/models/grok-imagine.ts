import {
  absent,
  defineFamily,
  Forbids,
  MediaUrls,
  mode,
  OneOf,
  present,
  Text,
} from '../../shared/validation/index.js';

/*
 * grok-imagine as a video model. The id is in the source of APIDot's web site; fields come from PoYo.
 *
 * Not published: the defaults of mode, duration and aspect_ratio, and what each mode allows.
 */

const RATIOS = ['1:1', '2:3', '3:2', '16:9', '9:16'] as const;

abstract class GrokImagineInput {
  @Text({ max: 5000 })
  prompt: string;

  @OneOf(['fun', 'normal', 'spicy'], { optional: true })
  mode?: 'fun' | 'normal' | 'spicy';

  @OneOf([6, 10], { optional: true, about: 'Seconds.' })
  duration?: 6 | 10;
}

export class GrokImagineTextToVideo extends GrokImagineInput {
  @OneOf(RATIOS, { optional: true })
  aspect_ratio?: (typeof RATIOS)[number];
}

@Forbids(['aspect_ratio'], { because: 'A ratio can only be chosen without an input image.' })
export class GrokImagineImageToVideo extends GrokImagineInput {
  @MediaUrls({ min: 1, max: 1 })
  image_urls: string[];
}

const result = { fileType: 'video', count: 1 };

export const grokImagine = defineFamily('grok-imagine', 'apidot-client-code', {
  'grok-imagine': [
    mode('text-to-video', GrokImagineTextToVideo, {
      when: absent('image_urls'),
      example: {
        prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
        mode: 'normal',
        duration: 6,
        aspect_ratio: '16:9',
      },
      result,
    }),
    mode('image-to-video', GrokImagineImageToVideo, {
      when: present('image_urls'),
      example: {
        prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
        mode: 'normal',
        duration: 6,
        image_urls: ['https://example.com/inputs/bike.png'],
      },
      result,
    }),
  ],
});
