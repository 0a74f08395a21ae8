import {
  absent,
  all,
  defineFamily,
  Exclusive,
  Flag,
  Forbids,
  MediaUrl,
  MediaUrls,
  mode,
  OneOf,
  present,
  RequiresUnless,
  Text,
  Whole,
} from '../../shared/validation/index.js';

/*
 * happy-horse in four modes, documented in APIDot's model repository and examples, and happy-horse-1.1, which only PoYo
 * has. The prompt's bound and the defaults of duration and resolution come from PoYo.
 *
 * Where sources differ: with a source video APIDot says that duration should not be sent, PoYo that it is ignored; it is
 * refused here.
 *
 * Not checked: Chinese prompts stop at 2500 characters; a source video has 3 to 60 seconds.
 */

const PROMPT = { max: 5000, about: 'Up to 2500 characters when the text is Chinese.' };
const RATIOS = ['16:9', '9:16', '1:1', '4:3', '3:4'] as const;
const ALL_RATIOS = ['21:9', '16:9', '4:3', '1:1', '3:4', '4:5', '5:4', '9:16', '9:21'] as const;

const NOT_MIXED = {
  because: 'An image to start from cannot be combined with references or a source video.',
};

abstract class HappyHorseInput {
  @OneOf(['720p', '1080p'], { default: '1080p' })
  resolution?: '720p' | '1080p';

  @Whole({ min: 0, max: 2_147_483_647, optional: true })
  seed?: number;

  @Flag({ optional: true })
  enable_safety_checker?: boolean;
}

@Forbids(['audio_setting'], { because: 'It decides about the sound of a source video, and there is none.' })
abstract class HappyHorseNewVideo extends HappyHorseInput {
  @Whole({ min: 3, max: 15, default: 5, about: 'Seconds.' })
  duration?: number;
}

export class HappyHorseTextToVideo extends HappyHorseNewVideo {
  @Text(PROMPT)
  prompt: string;

  @OneOf(RATIOS, { default: '16:9' })
  aspect_ratio?: (typeof RATIOS)[number];
}

@Exclusive([['image_urls'], ['reference_image_urls', 'video_url']], NOT_MIXED)
@Forbids(['aspect_ratio'], { because: 'The image decides the ratio.' })
export class HappyHorseImageToVideo extends HappyHorseNewVideo {
  @Text({ ...PROMPT, optional: true })
  prompt?: string;

  @MediaUrls({ min: 1, max: 1 })
  image_urls: string[];
}

@Exclusive([['reference_image_urls', 'video_url'], ['image_urls']], NOT_MIXED)
export class HappyHorseReferenceToVideo extends HappyHorseTextToVideo {
  @MediaUrls({ min: 1, max: 9, about: 'The prompt addresses them as character1, character2 …' })
  reference_image_urls: string[];
}

@Exclusive([['reference_image_urls', 'video_url'], ['image_urls']], NOT_MIXED)
@Forbids(['duration', 'aspect_ratio'], { because: 'The source video decides length and ratio.' })
export class HappyHorseVideoEdit extends HappyHorseInput {
  @Text(PROMPT)
  prompt: string;

  @MediaUrl({ about: '3 to 60 seconds.' })
  video_url: string;

  @MediaUrls({ max: 5, optional: true })
  reference_image_urls?: string[];

  @OneOf(['auto', 'origin'], { default: 'auto' })
  audio_setting?: 'auto' | 'origin';
}

@Exclusive([['image_urls'], ['reference_image_urls']], {
  because: 'A video starts from an image or from references, not from both.',
})
@RequiresUnless(['prompt'], present('image_urls'), {
  because: 'Only an image to start from can do without words.',
})
export class HappyHorse11 extends HappyHorseInput {
  @Text({ max: 2500, optional: true })
  prompt?: string;

  @Whole({ min: 3, max: 15, default: 5, about: 'Seconds.' })
  duration?: number;

  @OneOf(ALL_RATIOS, { default: '16:9' })
  aspect_ratio?: (typeof ALL_RATIOS)[number];

  @MediaUrls({ max: 1, optional: true })
  image_urls?: string[];

  @MediaUrls({ max: 9, optional: true })
  reference_image_urls?: string[];
}

const result = { fileType: 'video', count: 1 };

export const happyHorse = [
  ...defineFamily('happy-horse', 'apidot-documented', {
    'happy-horse': [
      mode('text-to-video', HappyHorseTextToVideo, {
        when: all(absent('video_url'), absent('reference_image_urls'), absent('image_urls')),
        example: {
          prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
          duration: 5,
          aspect_ratio: '16:9',
          resolution: '720p',
          seed: 42,
        },
        result,
      }),
      mode('image-to-video', HappyHorseImageToVideo, {
        when: all(absent('video_url'), absent('reference_image_urls'), present('image_urls')),
        example: {
          prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
          image_urls: ['https://example.com/inputs/bike.webp'],
          duration: 5,
          resolution: '1080p',
        },
        result,
      }),
      mode('reference-to-video', HappyHorseReferenceToVideo, {
        when: all(absent('video_url'), present('reference_image_urls')),
        example: {
          prompt: 'character1 and character2 carry a ladder across a yard',
          reference_image_urls: ['https://example.com/inputs/c1.webp', 'https://example.com/inputs/c2.webp'],
          duration: 6,
          aspect_ratio: '16:9',
          resolution: '1080p',
        },
        result,
      }),
      mode('video-edit', HappyHorseVideoEdit, {
        when: present('video_url'),
        example: {
          prompt: 'Let it snow in the whole clip',
          video_url: 'https://example.com/inputs/source.mp4',
          resolution: '720p',
          audio_setting: 'auto',
        },
        result,
      }),
    ],
  }),
  ...defineFamily('happy-horse', 'poyo-only', {
    'happy-horse-1.1': [
      mode('any (mode follows the media fields)', HappyHorse11, {
        example: {
          prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
          duration: 5,
          resolution: '1080p',
          aspect_ratio: '16:9',
        },
        result,
      }),
    ],
  }),
];
