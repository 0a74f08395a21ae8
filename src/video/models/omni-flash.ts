import {
  absent,
  all,
  defineFamily,
  Forbids,
  MediaUrls,
  mode,
  OneOf,
  present,
  Text,
} from '../../shared/validation/index.js';

/*
 * omni-flash from text, images or a video. APIDot documents it in its model repository; the prompt's bound is PoYo's.
 *
 * It takes one image or three, never two. Whether images may accompany a video is not stated; they are accepted.
 */

abstract class OmniFlashInput {
  @Text({ max: 20_000 })
  prompt: string;

  @OneOf(['720p', '1080p', '4k'], { default: '720p' })
  resolution?: '720p' | '1080p' | '4k';

  @OneOf(['16:9', '9:16'], { default: '16:9' })
  aspect_ratio?: '16:9' | '9:16';
}

export class OmniFlashTextToVideo extends OmniFlashInput {
  @OneOf([4, 6, 8, 10], { default: 6, about: 'Seconds.' })
  duration?: 4 | 6 | 8 | 10;
}

export class OmniFlashImageToVideo extends OmniFlashTextToVideo {
  @MediaUrls({ counts: [1, 3], about: 'Two are refused.' })
  image_urls: string[];
}

@Forbids(['duration'], { because: 'The length follows the source video.' })
export class OmniFlashVideoToVideo extends OmniFlashInput {
  @MediaUrls({ min: 1, max: 1 })
  video_urls: string[];

  @MediaUrls({
    counts: [0, 1, 3],
    optional: true,
    about: 'Whether they may accompany a video is not stated.',
  })
  image_urls?: string[];
}

const result = { fileType: 'video', count: 1 };

export const omniFlash = defineFamily('omni-flash', 'apidot-documented', {
  'omni-flash': [
    mode('text-to-video', OmniFlashTextToVideo, {
      when: all(absent('image_urls'), absent('video_urls')),
      example: {
        prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
        resolution: '720p',
        duration: 6,
        aspect_ratio: '16:9',
      },
      result,
    }),
    mode('image-to-video', OmniFlashImageToVideo, {
      when: all(present('image_urls'), absent('video_urls')),
      example: {
        prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
        image_urls: ['https://example.com/inputs/bike.webp'],
        resolution: '1080p',
        duration: 6,
        aspect_ratio: '16:9',
      },
      result,
    }),
    mode('video-to-video', OmniFlashVideoToVideo, {
      when: present('video_urls'),
      example: {
        prompt: 'Give the clip a brighter studio light',
        video_urls: ['https://example.com/inputs/source.mp4'],
        resolution: '1080p',
        aspect_ratio: '16:9',
      },
      result,
    }),
  ],
});
