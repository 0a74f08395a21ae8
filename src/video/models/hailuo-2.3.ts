import {
  absent,
  defineFamily,
  equals,
  Flag,
  MediaUrl,
  mode,
  OneOf,
  oneOf,
  present,
  Text,
  ValueWhen,
} from '../../shared/validation/index.js';

/*
 * hailuo-2.3. The id is in the source of APIDot's web site; fields come from PoYo.
 *
 * The opening image is start_image_url, not a list as with hailuo-02, and resolutions are written with a small p. No
 * closing frame is known.
 */

@ValueWhen('duration', oneOf([6]), {
  when: equals('resolution', '1080p'),
  because: '1080p exists for videos of 6 seconds only.',
})
abstract class Hailuo23Input {
  @Text({ max: 5000 })
  prompt: string;

  @OneOf([6, 10], { default: 6, about: 'Seconds.' })
  duration?: 6 | 10;

  @OneOf(['768p', '1080p'], { default: '768p' })
  resolution?: '768p' | '1080p';

  @Flag({ optional: true })
  prompt_optimizer?: boolean;
}

export class Hailuo23TextToVideo extends Hailuo23Input {}

export class Hailuo23ImageToVideo extends Hailuo23Input {
  @MediaUrl()
  start_image_url: string;
}

const result = { fileType: 'video', count: 1 };

export const hailuo23 = defineFamily('hailuo-2.3', 'apidot-client-code', {
  'hailuo-2.3': [
    mode('text-to-video', Hailuo23TextToVideo, {
      when: absent('start_image_url'),
      example: {
        prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
        duration: 6,
        resolution: '768p',
      },
      result,
    }),
    mode('image-to-video', Hailuo23ImageToVideo, {
      when: present('start_image_url'),
      example: {
        prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
        duration: 10,
        resolution: '768p',
        start_image_url: 'https://example.com/inputs/first.png',
      },
      result,
    }),
  ],
});
