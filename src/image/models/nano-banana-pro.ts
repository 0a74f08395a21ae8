import { defineFamily, Flag, Forbids, MediaUrls, mode, OneOf, Text } from '../../shared/validation/index.js';

/*
 * nano-banana-pro and its edit entry. APIDot documents both in its examples; the longest prompt and n, which can only be 1,
 * come from PoYo. The search switch is enable_web_search here and google_search on nano-banana-2.
 */

const RATIOS = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'] as const;

abstract class NanoBananaProInput {
  @Text({ max: 10_000 })
  prompt: string;

  @OneOf(['1K', '2K', '4K'], { default: '1K' })
  resolution?: '1K' | '2K' | '4K';

  @OneOf(['auto', ...RATIOS], { default: 'auto' })
  size?: 'auto' | (typeof RATIOS)[number];

  @OneOf(['png', 'jpg'], { default: 'png' })
  output_format?: 'png' | 'jpg';

  @Flag({ default: false })
  enable_web_search?: boolean;

  @OneOf([1], { default: 1 })
  n?: 1;
}

@Forbids(['image_urls'], { because: 'Reference images go to nano-banana-pro-edit.' })
export class NanoBananaProTextToImage extends NanoBananaProInput {}

export class NanoBananaProEdit extends NanoBananaProInput {
  @MediaUrls({ min: 1, max: 14 })
  image_urls: string[];
}

const result = { fileType: 'image', count: 1 };

export const nanoBananaPro = defineFamily('nano-banana-pro', 'apidot-documented', {
  'nano-banana-pro': [
    mode('text-to-image', NanoBananaProTextToImage, {
      example: {
        prompt: 'A red bicycle leaning against a white wall, soft daylight',
        resolution: '1K',
        size: 'auto',
        output_format: 'png',
        enable_web_search: false,
      },
      result,
    }),
  ],
  'nano-banana-pro-edit': [
    mode('image-edit', NanoBananaProEdit, {
      example: {
        prompt: 'Replace the white wall with old brickwork and leave the bicycle as it is',
        resolution: '1K',
        size: 'auto',
        output_format: 'png',
        image_urls: ['https://example.com/inputs/bike.png'],
      },
      result,
    }),
  ],
});
