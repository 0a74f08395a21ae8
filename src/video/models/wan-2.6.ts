import { defineFamily, Flag, Forbids, MediaUrls, mode, OneOf, Text } from '../../shared/validation/index.js';

/*
 * wan2.6 in three models, one per kind of input. The ids are in the source of APIDot's web site; fields come from PoYo.
 *
 * From a video there are 5 or 10 seconds, else also 15. Not published: the defaults of duration, resolution and
 * multi_shots.
 */

abstract class Wan26Input {
  @Text({ max: 5000 })
  prompt: string;

  @OneOf(['720p', '1080p'], { optional: true })
  resolution?: '720p' | '1080p';

  @Flag({ optional: true })
  multi_shots?: boolean;
}

const IMAGES = { because: 'Images belong to wan2.6-image-to-video.' };
const VIDEOS = { because: 'Videos belong to wan2.6-video-to-video.' };

@Forbids(['image_urls'], IMAGES)
@Forbids(['video_urls'], VIDEOS)
export class Wan26TextToVideo extends Wan26Input {
  @OneOf([5, 10, 15], { optional: true, about: 'Seconds.' })
  duration?: 5 | 10 | 15;
}

@Forbids(['video_urls'], VIDEOS)
export class Wan26ImageToVideo extends Wan26Input {
  @OneOf([5, 10, 15], { optional: true, about: 'Seconds.' })
  duration?: 5 | 10 | 15;

  @MediaUrls({ min: 1, max: 1, about: 'JPEG, PNG or WEBP up to 10 MB.' })
  image_urls: string[];
}

@Forbids(['image_urls'], IMAGES)
export class Wan26VideoToVideo extends Wan26Input {
  @OneOf([5, 10], { optional: true, about: 'Seconds.' })
  duration?: 5 | 10;

  @MediaUrls({ min: 1, max: 3, about: 'MP4, MOV or MKV up to 10 MB.' })
  video_urls: string[];
}

const result = { fileType: 'video', count: 1 };

export const wan26 = defineFamily('wan-2.6', 'apidot-client-code', {
  'wan2.6-text-to-video': [
    mode('text-to-video', Wan26TextToVideo, {
      example: {
        prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
        duration: 5,
        resolution: '720p',
        multi_shots: false,
      },
      result,
    }),
  ],
  'wan2.6-image-to-video': [
    mode('image-to-video', Wan26ImageToVideo, {
      example: {
        prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
        duration: 5,
        resolution: '720p',
        image_urls: ['https://example.com/inputs/first.png'],
      },
      result,
    }),
  ],
  'wan2.6-video-to-video': [
    mode('video-to-video', Wan26VideoToVideo, {
      example: {
        prompt: 'Give the clip a hand-drawn look',
        duration: 5,
        resolution: '720p',
        video_urls: ['https://example.com/inputs/source.mp4'],
      },
      result,
    }),
  ],
});
