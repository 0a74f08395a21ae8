import {
  absent,
  defineFamily,
  Forbids,
  MediaUrl,
  mode,
  OneOf,
  present,
  Text,
} from '../../shared/validation/index.js';

/*
 * kling-2.5-turbo-pro. The id is in the source of APIDot's web site; fields come from PoYo.
 *
 * Not published: the ratios (16:9 is the only one in an example, so any text is taken), a bound of negative_prompt, and
 * whether a closing frame may come without an opening one. The latter is refused.
 */

abstract class Kling25Input {
  @Text({ max: 2500 })
  prompt: string;

  @OneOf([5, 10], { default: 5, about: 'Seconds.' })
  duration?: 5 | 10;

  @Text({ optional: true, about: 'No list of values is published; 16:9 is the only one in an example.' })
  aspect_ratio?: string;

  @Text({ optional: true })
  negative_prompt?: string;
}

@Forbids(['end_image_url'], {
  because: 'A closing frame is only known beside an opening frame in start_image_url.',
})
export class Kling25TextToVideo extends Kling25Input {}

export class Kling25ImageToVideo extends Kling25Input {
  @MediaUrl({ about: 'The opening frame.' })
  start_image_url: string;

  @MediaUrl({ optional: true, about: 'The closing frame.' })
  end_image_url?: string;
}

const result = { fileType: 'video', count: 1 };

export const kling25 = defineFamily('kling-2.5', 'apidot-client-code', {
  'kling-2.5-turbo-pro': [
    mode('text-to-video', Kling25TextToVideo, {
      when: absent('start_image_url'),
      example: {
        prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
        duration: 5,
        aspect_ratio: '16:9',
      },
      result,
    }),
    mode('image-to-video', Kling25ImageToVideo, {
      when: present('start_image_url'),
      example: {
        prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
        duration: 5,
        start_image_url: 'https://example.com/inputs/first.png',
        end_image_url: 'https://example.com/inputs/last.png',
      },
      result,
    }),
  ],
});
