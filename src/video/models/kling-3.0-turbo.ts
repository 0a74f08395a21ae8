import {
  absent,
  AtLeastOneOf,
  defineFamily,
  Exclusive,
  Forbids,
  MediaUrls,
  mode,
  OneOf,
  present,
  Shapes,
  Sum,
  Text,
  Whole,
} from '../../shared/validation/index.js';

/*
 * kling-3.0-turbo/standard and kling-3.0-turbo/pro, from text or one image. No trace at APIDot: ids and fields come from
 * PoYo.
 *
 * Unlike kling-3.0 there is no switch for several shots: a shot list in place of the prompt says so.
 *
 * Not checked: with a shot list, duration (if sent) must equal the sum of the shots.
 */

export class Kling30TurboShot {
  @Text({ max: 2500 })
  prompt: string;

  @Whole({ min: 1, max: 15, default: 5, about: 'Seconds.' })
  duration?: number;
}

@Exclusive([['prompt'], ['multi_prompt']], { because: 'A shot list takes the place of the prompt.' })
@AtLeastOneOf(['prompt', 'multi_prompt'], {
  because: 'A video is described by a prompt or by a shot list.',
})
@Sum(
  [{ sumOf: 'multi_prompt[].duration', default: 5 }],
  { max: 15 },
  {
    when: present('multi_prompt'),
    because: 'All shots together run at most 15 seconds; one without a duration counts 5.',
  },
)
abstract class Kling30TurboInput {
  @Text({ max: 2500, optional: true })
  prompt?: string;

  @Shapes(Kling30TurboShot, { min: 1, max: 6, optional: true })
  multi_prompt?: Kling30TurboShot[];

  @Whole({ min: 3, max: 15, default: 5, about: 'Seconds; with a shot list the sum of the shots.' })
  duration?: number;
}

export class Kling30TurboTextToVideo extends Kling30TurboInput {
  @OneOf(['16:9', '9:16', '1:1'], { default: '16:9' })
  aspect_ratio?: '16:9' | '9:16' | '1:1';
}

@Forbids(['aspect_ratio'], { because: 'The image decides the ratio.' })
export class Kling30TurboImageToVideo extends Kling30TurboInput {
  @MediaUrls({ min: 1, max: 1 })
  image_urls: string[];
}

const result = { fileType: 'video', count: 1 };

const modes = [
  mode('text-to-video', Kling30TurboTextToVideo, {
    when: absent('image_urls'),
    example: {
      prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
      duration: 5,
      aspect_ratio: '16:9',
    },
    result,
  }),
  mode('image-to-video', Kling30TurboImageToVideo, {
    when: present('image_urls'),
    example: {
      prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
      duration: 5,
      image_urls: ['https://example.com/inputs/first.png'],
    },
    result,
  }),
];

export const kling30Turbo = defineFamily('kling-3.0-turbo', 'poyo-only', {
  'kling-3.0-turbo/standard': modes,
  'kling-3.0-turbo/pro': modes,
});
