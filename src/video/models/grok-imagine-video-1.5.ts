import {
  absent,
  all,
  defineFamily,
  Exclusive,
  Forbids,
  MediaUrls,
  mode,
  OneOf,
  present,
  Text,
  Whole,
} from '../../shared/validation/index.js';

/*
 * grok-imagine-video-1.5. APIDot documents one mode in its model repository: a video from exactly one image. The bound of
 * the prompt and the default resolution come from PoYo.
 *
 * Where sources differ: PoYo knows text and reference modes too, with 1080p and a choice of ratio. Those two modes are
 * offered only with the whole catalogue; image mode stays as APIDot describes it.
 *
 * Not published: the default duration, and what decides the ratio in image mode.
 */

const RATIOS = ['16:9', '4:3', '3:2', '1:1', '2:3', '3:4', '9:16'] as const;

abstract class GrokImagineVideo15Input {
  @Text({ max: 4096 })
  prompt: string;

  @Whole({ min: 1, max: 15, optional: true, about: 'Seconds.' })
  duration?: number;
}

@Forbids(['reference_image_urls'], {
  because: 'References are a mode of their own, without image_urls, which only PoYo is known to have.',
})
export class GrokImagineVideo15ImageToVideo extends GrokImagineVideo15Input {
  @MediaUrls({ min: 1, max: 1 })
  image_urls: string[];

  @OneOf(['480p', '720p'], { default: '720p' })
  resolution?: '480p' | '720p';
}

export class GrokImagineVideo15TextToVideo extends GrokImagineVideo15Input {
  @OneOf(['480p', '720p', '1080p'], { default: '720p' })
  resolution?: '480p' | '720p' | '1080p';

  @OneOf(RATIOS, { default: '16:9' })
  aspect_ratio?: (typeof RATIOS)[number];
}

@Exclusive([['reference_image_urls'], ['image_urls']], {
  because: 'A video starts from a first frame or from references, not from both.',
})
export class GrokImagineVideo15ReferenceToVideo extends GrokImagineVideo15TextToVideo {
  @MediaUrls({ min: 1, max: 7, about: 'The prompt addresses them as <IMAGE_0>, <IMAGE_1> …' })
  reference_image_urls: string[];
}

const result = { fileType: 'video', count: 1 };

export const grokImagineVideo15 = defineFamily('grok-imagine-video-1.5', 'apidot-documented', {
  'grok-imagine-video-1.5': [
    mode('image-to-video', GrokImagineVideo15ImageToVideo, {
      when: present('image_urls'),
      example: {
        prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
        image_urls: ['https://example.com/inputs/bike.png'],
        resolution: '720p',
        duration: 6,
      },
      result,
    }),
    mode('text-to-video', GrokImagineVideo15TextToVideo, {
      availability: 'poyo-only',
      when: all(absent('image_urls'), absent('reference_image_urls')),
      example: {
        prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
        duration: 6,
        resolution: '720p',
        aspect_ratio: '16:9',
      },
      result,
    }),
    mode('reference-to-video', GrokImagineVideo15ReferenceToVideo, {
      availability: 'poyo-only',
      when: present('reference_image_urls'),
      example: {
        prompt: '<IMAGE_0> rides past <IMAGE_1>',
        duration: 8,
        resolution: '720p',
        aspect_ratio: '16:9',
        reference_image_urls: ['https://example.com/inputs/rider.png', 'https://example.com/inputs/gate.png'],
      },
      result,
    }),
  ],
});
