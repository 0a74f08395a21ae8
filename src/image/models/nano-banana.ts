import { defineFamily, Forbids, MediaUrls, mode, OneOf, Text } from '../../shared/validation/index.js';

/*
 * nano-banana and its edit entry. APIDot uses the ids in its site source; the fields are PoYo's. How many images an edit
 * takes is not published.
 */

const RATIOS = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'] as const;

abstract class NanoBananaInput {
  @Text({ max: 5000 })
  prompt: string;

  @OneOf(RATIOS, { optional: true })
  size?: (typeof RATIOS)[number];
}

@Forbids(['image_urls'], { because: 'Reference images go to nano-banana-edit.' })
export class NanoBananaTextToImage extends NanoBananaInput {}

export class NanoBananaEdit extends NanoBananaInput {
  @MediaUrls({ min: 1, about: 'No upper bound is published.' })
  image_urls: string[];
}

const result = { fileType: 'image', count: 1 };

export const nanoBanana = defineFamily('nano-banana', 'apidot-client-code', {
  'nano-banana': [
    mode('text-to-image', NanoBananaTextToImage, {
      example: {
        prompt: 'A red bicycle leaning against a white wall, soft daylight',
        size: '16:9',
      },
      result,
    }),
  ],
  'nano-banana-edit': [
    mode('image-edit', NanoBananaEdit, {
      example: {
        prompt: 'Replace the white wall with old brickwork and leave the bicycle as it is',
        size: '16:9',
        image_urls: ['https://example.com/inputs/bike.png'],
      },
      result,
    }),
  ],
});
