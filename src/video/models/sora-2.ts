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
 * sora-2 and sora-2-pro, old ids known with their fields from the source of APIDot's web site alone; and sora-2-beta, which
 * only PoYo has. A list of names in APIDot's source calls the family sora-2-stable; whether the old ids still answer is
 * unknown. sora-2-official is a family of its own.
 *
 * Not published for the old ids: which of the three durations a model takes, and how many images.
 *
 * PoYo lets sora-2-beta alone take images inline, as data: URLs. They are refused here as everywhere: an input names its
 * media, it does not carry them.
 */

export class Sora2TextToVideo {
  @Text()
  prompt: string;

  @OneOf([10, 15, 25], { optional: true, about: 'Seconds. Which values a model takes is not published.' })
  duration?: 10 | 15 | 25;

  @OneOf(['16:9', '9:16'], { optional: true })
  aspect_ratio?: '16:9' | '9:16';

  @Flag({ default: false })
  watermark?: boolean;
}

export class Sora2ImageToVideo extends Sora2TextToVideo {
  @MediaUrls({ min: 1, about: 'Up to 10 MB each. No upper bound of their number is published.' })
  image_urls: string[];
}

export class Sora2Beta {
  @Text()
  prompt: string;

  @OneOf([4, 8, 12], { default: 4, about: 'Seconds.' })
  duration?: 4 | 8 | 12;

  @OneOf(['16:9', '9:16'], { default: '16:9' })
  aspect_ratio?: '16:9' | '9:16';

  @MediaUrls({ max: 1, optional: true })
  image_urls?: string[];
}

const result = { fileType: 'video', count: 1 };

const textExample = {
  prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
  duration: 10,
  aspect_ratio: '16:9',
} as const;

const modes = [
  mode('text-to-video', Sora2TextToVideo, { when: absent('image_urls'), example: textExample, result }),
  mode('image-to-video', Sora2ImageToVideo, {
    when: present('image_urls'),
    example: {
      ...textExample,
      prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
      image_urls: ['https://example.com/inputs/bike.png'],
    },
    result,
  }),
];

export const sora2 = [
  ...defineFamily('sora-2', 'apidot-client-code', {
    'sora-2': modes,
    'sora-2-pro': modes,
  }),
  ...defineFamily('sora-2', 'poyo-only', {
    'sora-2-beta': [
      mode('text-or-image-to-video', Sora2Beta, { example: { ...textExample, duration: 8 }, result }),
    ],
  }),
];
