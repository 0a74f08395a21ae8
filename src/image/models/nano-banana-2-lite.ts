import { defineFamily, Forbids, MediaUrls, mode, OneOf, Text } from '../../shared/validation/index.js';

/*
 * nano-banana-2-lite and its edit entry. Ids and fields come from PoYo; there is no trace of them at APIDot. The longest
 * prompt is not published.
 */

const RATIOS = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'] as const;

abstract class NanoBanana2LiteInput {
  @Text()
  prompt: string;

  @OneOf(RATIOS, { optional: true })
  size?: (typeof RATIOS)[number];
}

@Forbids(['image_urls'], { because: 'Reference images go to nano-banana-2-lite-edit.' })
export class NanoBanana2LiteTextToImage extends NanoBanana2LiteInput {}

export class NanoBanana2LiteEdit extends NanoBanana2LiteInput {
  @MediaUrls({ min: 1, max: 14 })
  image_urls: string[];
}

const result = { fileType: 'image', count: 1 };

export const nanoBanana2Lite = defineFamily('nano-banana-2-lite', 'poyo-only', {
  'nano-banana-2-lite': [
    mode('text-to-image', NanoBanana2LiteTextToImage, {
      example: {
        prompt: 'A red bicycle leaning against a white wall, soft daylight',
        size: '1:1',
      },
      result,
    }),
  ],
  'nano-banana-2-lite-edit': [
    mode('image-edit', NanoBanana2LiteEdit, {
      example: {
        prompt: 'Replace the white wall with old brickwork and leave the bicycle as it is',
        size: '1:1',
        image_urls: ['https://example.com/inputs/bike.png'],
      },
      result,
    }),
  ],
});
