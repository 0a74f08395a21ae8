import { defineFamily, Flag, Forbids, MediaUrls, mode, OneOf, Text } from '../../shared/validation/index.js';

/*
 * seedream-5.0-pro and its edit entry. Ids and fields come from PoYo; there is no trace of them at APIDot.
 *
 * PoYo's schema calls size and resolution required although it also states defaults for them: required. One month earlier a
 * single size field held either a tier or a ratio; the newer schema is followed. The longest prompt is not published.
 */

const RATIOS = ['1:1', '3:4', '4:3', '16:9', '9:16', '3:2', '2:3', '21:9'] as const;

abstract class Seedream50ProInput {
  @Text()
  prompt: string;

  @OneOf(RATIOS, { optional: false, default: '1:1' })
  size: (typeof RATIOS)[number];

  @OneOf(['1K', '2K'], { optional: false, default: '1K' })
  resolution: '1K' | '2K';

  @OneOf(['jpeg', 'png'], { default: 'jpeg' })
  output_format?: 'jpeg' | 'png';

  @Flag({ default: true })
  enable_safety_checker?: boolean;
}

@Forbids(['image_urls'], { because: 'Reference images go to seedream-5.0-pro-edit.' })
export class Seedream50ProTextToImage extends Seedream50ProInput {}

export class Seedream50ProEdit extends Seedream50ProInput {
  @MediaUrls({ min: 1, max: 10 })
  image_urls: string[];
}

const result = { fileType: 'image', count: 1 };

export const seedream50Pro = defineFamily('seedream-5.0-pro', 'poyo-only', {
  'seedream-5.0-pro': [
    mode('text-to-image', Seedream50ProTextToImage, {
      example: {
        prompt: 'A red bicycle leaning against a white wall, soft daylight',
        size: '3:4',
        resolution: '2K',
      },
      result,
    }),
  ],
  'seedream-5.0-pro-edit': [
    mode('image-edit', Seedream50ProEdit, {
      example: {
        prompt: 'Replace the white wall with old brickwork and leave the bicycle as it is',
        size: '3:4',
        resolution: '2K',
        image_urls: ['https://example.com/inputs/bike.png'],
      },
      result,
    }),
  ],
});
