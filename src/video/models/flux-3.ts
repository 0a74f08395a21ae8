import {
  defineFamily,
  Flag,
  MediaUrl,
  MediaUrls,
  mode,
  OneOf,
  Shapes,
  Text,
  Whole,
} from '../../shared/validation/index.js';

/*
 * flux-3, one id per way of using it. No trace at APIDot: ids and fields come from PoYo, whose schema refuses unknown fields.
 *
 * Not published: the longest prompt, how frame_index counts (frames per second, order, the last frame), and the length of a
 * video to extend. None of it is checked.
 */

const RATIOS = ['auto', '21:9', '2:1', '16:9', '4:3', '1:1', '3:4', '9:16'] as const;

abstract class Flux3Input {
  @Text()
  prompt: string;

  @Flag({ default: true })
  sound?: boolean;

  @Whole({ min: 5, max: 20, default: 5, about: 'Seconds.' })
  duration?: number;

  @OneOf(['720p', '1080p'], { default: '720p' })
  resolution?: '720p' | '1080p';

  @OneOf(RATIOS, { default: 'auto' })
  aspect_ratio?: (typeof RATIOS)[number];
}

export class Flux3TextToVideo extends Flux3Input {}

export class Flux3ImageToVideo extends Flux3Input {
  @MediaUrls({ min: 1, max: 1 })
  image_urls: string[];
}

export class Flux3FramesToVideo extends Flux3Input {
  @MediaUrls({ min: 2, max: 2, about: 'First and last frame.' })
  image_urls: string[];
}

export class Flux3Keyframe {
  @MediaUrl()
  image_url: string;

  @Whole({ min: 0, about: 'Where in the video the image stands.' })
  frame_index: number;
}

export class Flux3KeyframesToVideo extends Flux3Input {
  @Shapes(Flux3Keyframe, { min: 1, max: 10 })
  keyframes: Flux3Keyframe[];
}

export class Flux3ExtendVideo extends Flux3Input {
  @MediaUrl()
  video_url: string;
}

const result = { fileType: 'video', count: 1 };

const textExample = {
  prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
  duration: 5,
};

const imageExample = {
  prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
  duration: 5,
  image_urls: ['https://example.com/inputs/first.png'],
};

export const flux3 = defineFamily('flux-3', 'poyo-only', {
  'flux-3/text-to-video': [mode('text-to-video', Flux3TextToVideo, { example: textExample, result })],
  'flux-3/image-to-video': [mode('image-to-video', Flux3ImageToVideo, { example: imageExample, result })],
  'flux-3/first-last-frame-to-video': [
    mode('frames-to-video', Flux3FramesToVideo, {
      example: {
        ...imageExample,
        image_urls: ['https://example.com/inputs/first.png', 'https://example.com/inputs/last.png'],
      },
      result,
    }),
  ],
  'flux-3/keyframes-to-video': [
    mode('keyframes-to-video', Flux3KeyframesToVideo, {
      example: {
        prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
        duration: 5,
        keyframes: [{ image_url: 'https://example.com/inputs/k0.png', frame_index: 0 }],
      },
      result,
    }),
  ],
  'flux-3/extend-video': [
    mode('video-extend', Flux3ExtendVideo, {
      example: {
        prompt: 'The bicycle turns the corner and leaves the picture',
        video_url: 'https://example.com/inputs/source.mp4',
      },
      result,
    }),
  ],
});
