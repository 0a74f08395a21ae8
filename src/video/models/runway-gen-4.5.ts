import {
  absent,
  defineFamily,
  MediaUrls,
  mode,
  OneOf,
  present,
  Text,
  Whole,
} from '../../shared/validation/index.js';

/*
 * runway-gen-4.5 from text or one image. APIDot documents it in its model repository; the prompt's bound is PoYo's.
 *
 * Where sources differ: without an image APIDot knows the ratios 16:9 and 9:16 only, PoYo all six; APIDot is followed.
 * No bounds of seed are published.
 */

abstract class RunwayGen45Input {
  @Text({ max: 1800 })
  prompt: string;

  @OneOf([5, 10], { default: 5, about: 'Seconds.' })
  duration?: 5 | 10;

  @Whole({ optional: true })
  seed?: number;
}

export class RunwayGen45TextToVideo extends RunwayGen45Input {
  @OneOf(['16:9', '9:16'], { default: '16:9', about: 'With an image there are more ratios.' })
  aspect_ratio?: '16:9' | '9:16';
}

const RATIOS = ['16:9', '9:16', '4:3', '3:4', '1:1', '21:9'] as const;

export class RunwayGen45ImageToVideo extends RunwayGen45Input {
  @OneOf(RATIOS, { default: '16:9' })
  aspect_ratio?: (typeof RATIOS)[number];

  @MediaUrls({ min: 1, max: 1 })
  image_urls: string[];
}

const result = { fileType: 'video', count: 1 };

export const runwayGen45 = defineFamily('runway-gen-4.5', 'apidot-documented', {
  'runway-gen-4.5': [
    mode('text-to-video', RunwayGen45TextToVideo, {
      when: absent('image_urls'),
      example: {
        prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
        duration: 5,
        aspect_ratio: '16:9',
      },
      result,
    }),
    mode('image-to-video', RunwayGen45ImageToVideo, {
      when: present('image_urls'),
      example: {
        prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
        duration: 5,
        aspect_ratio: '4:3',
        image_urls: ['https://example.com/inputs/bike.png'],
      },
      result,
    }),
  ],
});
