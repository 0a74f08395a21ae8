import {
  absent,
  defineFamily,
  Either,
  MediaUrls,
  mode,
  OneOf,
  oneOf,
  present,
  Text,
  text,
  Whole,
} from '../../shared/validation/index.js';

/*
 * flux-dev and flux-schnell, the first generation. Ids and fields come from PoYo; there is no trace of them at APIDot.
 *
 * flux-dev edits when it is given its one image, and an edit has no size field; flux-schnell knows text only.
 *
 * Not known: the longest prompt, the range of n, and the bounds of a custom size. n is in the schema, yet a single file
 * is expected whatever it says.
 */

abstract class Flux1Input {
  @Text()
  prompt: string;

  @Whole({ default: 1, about: 'No bounds are published.' })
  n?: number;

  @OneOf(['jpeg', 'png'], { default: 'png' })
  output_format?: 'jpeg' | 'png';
}

export class Flux1TextToImage extends Flux1Input {
  @Either(
    [
      oneOf(['1:1', '1:1 HD', '4:3', '3:4', '16:9', '9:16']),
      text({ pattern: /^\d+x\d+$/, like: 'WIDTHxHEIGHT in pixels' }),
    ],
    { default: '1:1' },
  )
  size?: string;
}

export class Flux1Edit extends Flux1Input {
  @MediaUrls({ min: 1, max: 1 })
  image_urls: string[];
}

const result = { fileType: 'image', count: 1 };

const textExample = {
  prompt: 'A red bicycle leaning against a white wall, soft daylight',
  size: '4:3',
  n: 1,
};

export const flux1 = defineFamily('flux-1', 'poyo-only', {
  'flux-dev': [
    mode('text-to-image', Flux1TextToImage, { when: absent('image_urls'), example: textExample, result }),
    mode('image-edit', Flux1Edit, {
      when: present('image_urls'),
      example: {
        prompt: 'Replace the white wall with old brickwork and leave the bicycle as it is',
        n: 1,
        image_urls: ['https://example.com/inputs/bike.png'],
      },
      result,
    }),
  ],
  'flux-schnell': [mode('text-to-image', Flux1TextToImage, { example: textExample, result })],
});
