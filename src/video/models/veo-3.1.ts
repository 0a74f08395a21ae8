import {
  absent,
  all,
  defineFamily,
  equals,
  Flag,
  Forbids,
  MediaUrl,
  MediaUrls,
  mode,
  not,
  OneOf,
  present,
  Text,
  Whole,
} from '../../shared/validation/index.js';

/*
 * veo3.1-lite, -fast and -quality. APIDot documents them in its docs and examples.
 *
 * Where sources differ, APIDot is followed:
 * - the field that names the mode is generate_type (PoYo: generation_type); PoYo infers the mode from the number of images, APIDot
 *   calls it a mistake to leave the field out: it is required with images;
 * - duration is always 8 (PoYo's schema lists 4, 6, 8, its prose says 8);
 * - one or two frames (PoYo: two), one to three references (PoYo: three);
 * - reference mode exists on fast only; lite takes no images at all, which is a documented 400.
 *
 * veo3.1-extend goes on with a video. Only PoYo is known to have it.
 */

abstract class Veo31Input {
  @Text()
  prompt: string;

  @OneOf([8], { default: 8, about: 'Seconds.' })
  duration?: 8;

  @OneOf(['16:9', '9:16'], { optional: true })
  aspect_ratio?: '16:9' | '9:16';

  @OneOf(['720p', '1080p', '4k'], { default: '720p' })
  resolution?: '720p' | '1080p' | '4k';
}

@Forbids(['image_urls', 'generate_type'], { because: 'The lite model takes no images and no mode field.' })
export class Veo31LiteTextToVideo extends Veo31Input {}

@Forbids(['generate_type'], { because: 'The mode field only makes sense together with images.' })
export class Veo31TextToVideo extends Veo31Input {}

export class Veo31FramesToVideo extends Veo31Input {
  @OneOf(['frame'])
  generate_type: 'frame';

  @MediaUrls({ min: 1, max: 2, about: 'First and last frame; JPEG, PNG or WEBP up to 10 MB each.' })
  image_urls: string[];
}

export class Veo31ReferenceToVideo extends Veo31Input {
  @OneOf(['reference'])
  generate_type: 'reference';

  @MediaUrls({ min: 1, max: 3 })
  image_urls: string[];
}

const result = { fileType: 'video', count: 1 };

const textExample = {
  prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
  duration: 8,
  aspect_ratio: '16:9',
  resolution: '720p',
} as const;

const framesExample: Veo31FramesToVideo = {
  prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
  duration: 8,
  aspect_ratio: '16:9',
  resolution: '1080p',
  generate_type: 'frame',
  image_urls: ['https://example.com/inputs/first.webp', 'https://example.com/inputs/last.webp'],
};

const textToVideo = mode('text-to-video', Veo31TextToVideo, {
  when: absent('image_urls'),
  example: textExample,
  result,
});

export class Veo31Extend {
  @Text({ min: 1 })
  prompt: string;

  @MediaUrl({ about: 'The video that goes on.' })
  video_url: string;

  @Whole({ min: 1, max: 7, default: 7, about: 'Seconds that are added.' })
  duration?: number;

  @OneOf(['auto', '16:9', '9:16'], { default: 'auto' })
  aspect_ratio?: 'auto' | '16:9' | '9:16';

  @OneOf(['720p', '1080p'], { default: '720p' })
  resolution?: '720p' | '1080p';

  @Flag({ default: true })
  sound?: boolean;
}

const veo31Known = defineFamily('veo-3.1', 'apidot-documented', {
  'veo3.1-lite': [mode('text-to-video', Veo31LiteTextToVideo, { example: textExample, result })],
  'veo3.1-fast': [
    textToVideo,
    mode('frames-to-video', Veo31FramesToVideo, {
      when: all(present('image_urls'), not(equals('generate_type', 'reference'))),
      example: framesExample,
      result,
    }),
    mode('reference-to-video', Veo31ReferenceToVideo, {
      when: all(present('image_urls'), equals('generate_type', 'reference')),
      example: {
        prompt: 'The rider, the bicycle and the street from the references appear in one shot',
        duration: 8,
        aspect_ratio: '16:9',
        resolution: '1080p',
        generate_type: 'reference',
        image_urls: [
          'https://example.com/inputs/rider.webp',
          'https://example.com/inputs/bike.webp',
          'https://example.com/inputs/street.webp',
        ],
      },
      result,
    }),
  ],
  'veo3.1-quality': [
    textToVideo,
    mode('frames-to-video', Veo31FramesToVideo, {
      when: present('image_urls'),
      example: framesExample,
      result,
    }),
  ],
});

const veo31Unproven = defineFamily('veo-3.1', 'poyo-only', {
  'veo3.1-extend': [
    mode('video-extend', Veo31Extend, {
      example: {
        prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
        video_url: 'https://example.com/inputs/source.mp4',
        duration: 7,
      },
      result,
    }),
  ],
});

export const veo31 = [...veo31Known, ...veo31Unproven];
