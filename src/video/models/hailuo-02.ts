import {
  absent,
  defineFamily,
  Flag,
  Forbids,
  MediaUrl,
  MediaUrls,
  mode,
  OneOf,
  oneOf,
  present,
  Text,
  ValueWhen,
} from '../../shared/validation/index.js';

/*
 * hailuo-02 and hailuo-02-pro. The ids are in the source of APIDot's web site; fields come from PoYo.
 *
 * Resolutions are written with a capital P here, with a small one by hailuo-2.3. Length and resolution are fixed on the
 * pro entry.
 *
 * Not published: the defaults of duration, resolution and prompt_optimizer. So a closing frame without a resolution is
 * let through, although only 768P is known to take one.
 */

abstract class Hailuo02Input {
  @Text({ max: 1500 })
  prompt: string;

  @Flag({ optional: true })
  prompt_optimizer?: boolean;
}

@Forbids(['resolution', 'end_image_url'], {
  because: 'Resolution and closing frame need an opening image in image_urls.',
})
export class Hailuo02TextToVideo extends Hailuo02Input {
  @OneOf([6, 10], { optional: true, about: 'Seconds.' })
  duration?: 6 | 10;
}

@ValueWhen('resolution', oneOf(['768P']), {
  when: present('end_image_url'),
  because: 'A closing frame works at 768P only.',
})
export class Hailuo02ImageToVideo extends Hailuo02Input {
  @OneOf([6, 10], { optional: true, about: 'Seconds.' })
  duration?: 6 | 10;

  @OneOf(['512P', '768P'], { optional: true })
  resolution?: '512P' | '768P';

  @MediaUrls({ min: 1, max: 1, about: 'The opening frame.' })
  image_urls: string[];

  @MediaUrl({ optional: true, about: 'The closing frame.' })
  end_image_url?: string;
}

@Forbids(['duration', 'resolution'], { because: 'Length and resolution are fixed on the pro model.' })
abstract class Hailuo02ProInput extends Hailuo02Input {}

@Forbids(['end_image_url'], { because: 'A closing frame needs an opening image in image_urls.' })
export class Hailuo02ProTextToVideo extends Hailuo02ProInput {}

export class Hailuo02ProImageToVideo extends Hailuo02ProInput {
  @MediaUrls({ min: 1, max: 1, about: 'The opening frame.' })
  image_urls: string[];

  @MediaUrl({ optional: true, about: 'The closing frame.' })
  end_image_url?: string;
}

const result = { fileType: 'video', count: 1 };

const whenText = absent('image_urls');
const whenImage = present('image_urls');

const textExample = {
  prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
  prompt_optimizer: true,
};

const imageExample = {
  prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
  image_urls: ['https://example.com/inputs/first.png'],
};

export const hailuo02 = defineFamily('hailuo-02', 'apidot-client-code', {
  'hailuo-02': [
    mode('text-to-video', Hailuo02TextToVideo, {
      when: whenText,
      example: { ...textExample, duration: 6 },
      result,
    }),
    mode('image-to-video', Hailuo02ImageToVideo, {
      when: whenImage,
      example: {
        ...imageExample,
        duration: 6,
        resolution: '768P',
        end_image_url: 'https://example.com/inputs/last.png',
      },
      result,
    }),
  ],
  'hailuo-02-pro': [
    mode('text-to-video', Hailuo02ProTextToVideo, { when: whenText, example: textExample, result }),
    mode('image-to-video', Hailuo02ProImageToVideo, { when: whenImage, example: imageExample, result }),
  ],
});
