import {
  defineFamily,
  Forbids,
  MediaUrl,
  MediaUrls,
  mode,
  OneOf,
  Text,
} from '../../shared/validation/index.js';

/*
 * gpt-4o-image and its edit entry. APIDot uses the ids in its site client only; the fields are PoYo's.
 *
 * Not known: how many files come without n, and how many images an edit takes.
 */

abstract class Gpt4oImageInput {
  @Text({ max: 1000 })
  prompt: string;

  @OneOf([1, 2, 3, 4], { optional: true, about: 'How many images to make. No default is published.' })
  n?: 1 | 2 | 3 | 4;

  @OneOf(['1:1', '2:3', '3:2'], { optional: true })
  size?: '1:1' | '2:3' | '3:2';
}

@Forbids(['image_urls', 'mask_url'], { because: 'Source images and masks go to gpt-4o-image-edit.' })
export class Gpt4oImageTextToImage extends Gpt4oImageInput {}

export class Gpt4oImageEdit extends Gpt4oImageInput {
  @MediaUrls({ min: 1, about: 'No upper bound is published.' })
  image_urls: string[];

  @MediaUrl({ optional: true })
  mask_url?: string;
}

const result = { fileType: 'image', count: 'n' };

export const gpt4oImage = defineFamily('gpt-4o-image', 'apidot-client-code', {
  'gpt-4o-image': [
    mode('text-to-image', Gpt4oImageTextToImage, {
      example: {
        prompt: 'A red bicycle leaning against a white wall, soft daylight',
        n: 1,
        size: '1:1',
      },
      result,
    }),
  ],
  'gpt-4o-image-edit': [
    mode('image-edit', Gpt4oImageEdit, {
      example: {
        prompt: 'Replace the white wall with old brickwork and leave the bicycle as it is',
        n: 1,
        size: '1:1',
        image_urls: ['https://example.com/inputs/bike.png'],
      },
      result,
    }),
  ],
});
