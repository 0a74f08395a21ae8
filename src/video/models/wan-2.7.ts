import {
  AtLeastOneOf,
  defineFamily,
  Flag,
  Forbids,
  MediaUrl,
  MediaUrls,
  mode,
  OneOf,
  Text,
  Whole,
} from '../../shared/validation/index.js';

/*
 * wan2.7 in four models, one per kind of input. APIDot documents them in its model repository; the prompt's bound and the
 * default resolution come from PoYo.
 *
 * Where sources differ: video_url of wan2.7-image-to-video is optional at PoYo, not to be sent at APIDot; refused here.
 *
 * Not published: the default duration, the values of audio_setting (auto is the only example), and how many reference
 * videos there may be.
 */

const PROMPT = { max: 5000 };
const RATIOS = ['16:9', '9:16', '1:1', '4:3', '3:4'] as const;

const FRAMES = { because: 'Frames belong to wan2.7-image-to-video.' };
const REFERENCES = { because: 'Lists of references belong to wan2.7-reference-to-video.' };
const EDITING = { because: 'Source videos and what goes with them belong to wan2.7-edit-video.' };
const SOUND = { because: 'Only wan2.7-text-to-video and wan2.7-image-to-video take a sound track.' };

abstract class Wan27Input {
  @OneOf(['720p', '1080p'], { default: '720p' })
  resolution?: '720p' | '1080p';

  @Whole({ min: 0, max: 2_147_483_647, optional: true })
  seed?: number;

  @Flag({ optional: true })
  enable_safety_checker?: boolean;
}

@Forbids(['image_urls'], FRAMES)
@Forbids(['reference_image_urls', 'reference_video_urls'], REFERENCES)
@Forbids(['video_url', 'reference_image_url', 'audio_setting'], EDITING)
@Forbids(['multi_shots'], {
  because: 'The choice of shots belongs to the models with frames, references or a source video.',
})
export class Wan27TextToVideo extends Wan27Input {
  @Text(PROMPT)
  prompt: string;

  @OneOf([5, 10, 15], { optional: true, about: 'Seconds.' })
  duration?: 5 | 10 | 15;

  @OneOf(RATIOS, { default: '16:9' })
  aspect_ratio?: (typeof RATIOS)[number];

  @MediaUrl({ optional: true })
  audio_url?: string;
}

@Forbids(['aspect_ratio'], { because: 'A ratio cannot be chosen for a video that starts from a frame.' })
@Forbids(['reference_image_urls', 'reference_video_urls'], REFERENCES)
@Forbids(['video_url', 'reference_image_url', 'audio_setting'], EDITING)
export class Wan27ImageToVideo extends Wan27Input {
  @MediaUrls({ min: 1, max: 2, about: 'Opening and closing frame.' })
  image_urls: string[];

  @Text({ ...PROMPT, optional: true })
  prompt?: string;

  @Whole({ min: 2, max: 15, optional: true, about: 'Seconds.' })
  duration?: number;

  @MediaUrl({ optional: true })
  audio_url?: string;

  @Flag({ optional: true })
  multi_shots?: boolean;
}

@AtLeastOneOf(['reference_image_urls', 'reference_video_urls'], {
  because: 'Reference mode means at least one image or video as reference.',
})
@Forbids(['image_urls'], FRAMES)
@Forbids(['video_url', 'reference_image_url', 'audio_setting'], EDITING)
@Forbids(['audio_url'], SOUND)
export class Wan27ReferenceToVideo extends Wan27Input {
  @Text(PROMPT)
  prompt: string;

  @MediaUrls({ max: 9, optional: true })
  reference_image_urls?: string[];

  @MediaUrls({ optional: true, about: 'No upper bound is published.' })
  reference_video_urls?: string[];

  @Whole({ min: 2, max: 10, optional: true, about: 'Seconds.' })
  duration?: number;

  @OneOf(RATIOS, { default: '16:9' })
  aspect_ratio?: (typeof RATIOS)[number];

  @Flag({ optional: true })
  multi_shots?: boolean;
}

@Forbids(['image_urls'], FRAMES)
@Forbids(['reference_image_urls', 'reference_video_urls'], REFERENCES)
@Forbids(['audio_url'], SOUND)
export class Wan27EditVideo extends Wan27Input {
  @Text(PROMPT)
  prompt: string;

  @MediaUrl()
  video_url: string;

  @MediaUrl({ optional: true })
  reference_image_url?: string;

  @OneOf([0, 2, 3, 4, 5, 6, 7, 8, 9, 10], {
    optional: true,
    about: 'Seconds; 0, or nothing, keeps the length of the source video.',
  })
  duration?: 0 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

  @OneOf(RATIOS, { default: '16:9' })
  aspect_ratio?: (typeof RATIOS)[number];

  @Flag({ optional: true })
  multi_shots?: boolean;

  @Text({ optional: true, about: 'The list of values is not published; auto is one.' })
  audio_setting?: string;
}

const result = { fileType: 'video', count: 1 };

export const wan27 = defineFamily('wan-2.7', 'apidot-documented', {
  'wan2.7-text-to-video': [
    mode('text-to-video', Wan27TextToVideo, {
      example: {
        prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
        aspect_ratio: '16:9',
        resolution: '720p',
        duration: 5,
      },
      result,
    }),
  ],
  'wan2.7-image-to-video': [
    mode('image-to-video', Wan27ImageToVideo, {
      example: {
        image_urls: ['https://example.com/inputs/first.webp', 'https://example.com/inputs/last.webp'],
        prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
        resolution: '1080p',
        duration: 6,
        multi_shots: false,
      },
      result,
    }),
  ],
  'wan2.7-reference-to-video': [
    mode('reference-to-video', Wan27ReferenceToVideo, {
      example: {
        prompt: 'The rider from the reference crosses a bridge',
        reference_image_urls: ['https://example.com/inputs/rider.webp'],
        aspect_ratio: '9:16',
        resolution: '720p',
        duration: 5,
        multi_shots: true,
      },
      result,
    }),
  ],
  'wan2.7-edit-video': [
    mode('video-edit', Wan27EditVideo, {
      example: {
        prompt: 'Turn the day scene into night',
        video_url: 'https://example.com/inputs/source.mp4',
        reference_image_url: 'https://example.com/inputs/style.webp',
        aspect_ratio: '16:9',
        resolution: '1080p',
        duration: 0,
        audio_setting: 'auto',
      },
      result,
    }),
  ],
});
