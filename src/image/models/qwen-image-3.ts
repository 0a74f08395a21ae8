import {
  absent,
  defineFamily,
  Flag,
  MediaUrls,
  mode,
  OneOf,
  present,
  Text,
  Whole,
} from '../../shared/validation/index.js';

/*
 * qwen-image-3 and qwen-image-3-pro; both edit as soon as they are given images. Ids and fields come from PoYo, whose schema
 * closes the input, so unknown keys are refused there as well. There is no trace of them at APIDot.
 *
 * No defaults are published.
 */

const RATIOS = ['1:1', '3:2', '2:3', '4:3', '3:4', '16:9', '9:16', '21:9'] as const;

export class QwenImage3TextToImage {
  @Text({ max: 5000 })
  prompt: string;

  @Text({ max: 5000, optional: true })
  negative_prompt?: string;

  @OneOf(RATIOS, { optional: true })
  size?: (typeof RATIOS)[number];

  @OneOf(['1K', '2K'], { optional: true })
  resolution?: '1K' | '2K';

  @OneOf(['png', 'jpeg'], { optional: true })
  output_format?: 'png' | 'jpeg';

  @Whole({ min: 0, max: 2_147_483_647, optional: true })
  seed?: number;

  @Flag({ optional: true })
  prompt_extend?: boolean;

  @Flag({ optional: true })
  enable_safety_checker?: boolean;
}

export class QwenImage3Edit extends QwenImage3TextToImage {
  @MediaUrls({ min: 1, max: 3 })
  image_urls: string[];
}

const result = { fileType: 'image', count: 1 };

const modes = [
  mode('text-to-image', QwenImage3TextToImage, {
    when: absent('image_urls'),
    example: {
      prompt: 'A red bicycle leaning against a white wall, soft daylight',
      size: '1:1',
      resolution: '1K',
    },
    result,
  }),
  mode('image-edit', QwenImage3Edit, {
    when: present('image_urls'),
    example: {
      prompt: 'Replace the white wall with old brickwork and leave the bicycle as it is',
      image_urls: ['https://example.com/inputs/bike.png'],
    },
    result,
  }),
];

export const qwenImage3 = defineFamily('qwen-image-3', 'poyo-only', {
  'qwen-image-3': modes,
  'qwen-image-3-pro': modes,
});
