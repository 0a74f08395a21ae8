import {
  absent,
  defineFamily,
  MediaUrls,
  mode,
  OneOf,
  present,
  Text,
  Whole,
} from '../../shared/validation/index.js';

/*
 * grok-imagine-image and grok-imagine-image-quality; both edit as soon as they are given images. APIDot documents the
 * quality model; the other id stands only in its site client, with fields from PoYo. The shape is size on one and
 * aspect_ratio on the other.
 *
 * Where sources differ: sync_mode of the quality model is an optional flag at PoYo and not mentioned by APIDot; it is
 * refused as unknown. Its longest prompt and the greatest n are not published.
 */

const RATIOS = ['1:1', '2:3', '3:2', '9:16', '16:9'] as const;

export class GrokImagineTextToImage {
  @Text({ max: 5000 })
  prompt: string;

  @OneOf(RATIOS, { optional: true })
  size?: (typeof RATIOS)[number];
}

export class GrokImagineEdit extends GrokImagineTextToImage {
  @MediaUrls({ min: 1, max: 1, about: 'JPEG, PNG or WEBP up to 10 MB.' })
  image_urls: string[];
}

export class GrokImagineQualityTextToImage {
  @Text()
  prompt: string;

  @Whole({ min: 1, default: 1, about: 'How many images to make. No upper bound is published.' })
  n?: number;

  @OneOf(RATIOS, { default: '1:1' })
  aspect_ratio?: (typeof RATIOS)[number];

  @OneOf(['1K', '2K'], { default: '1K' })
  resolution?: '1K' | '2K';

  @OneOf(['png', 'jpeg', 'jpg', 'webp'], { default: 'png' })
  output_format?: 'png' | 'jpeg' | 'jpg' | 'webp';
}

export class GrokImagineQualityEdit extends GrokImagineQualityTextToImage {
  @MediaUrls({ min: 1, max: 3 })
  image_urls: string[];
}

const oneFile = { fileType: 'image', count: 1 };
const nFiles = { fileType: 'image', count: 'n' };

const whenText = absent('image_urls');
const whenEdit = present('image_urls');

export const grokImagine = [
  ...defineFamily('grok-imagine', 'apidot-client-code', {
    'grok-imagine-image': [
      mode('text-to-image', GrokImagineTextToImage, {
        when: whenText,
        example: {
          prompt: 'A red bicycle leaning against a white wall, soft daylight',
          size: '16:9',
        },
        result: oneFile,
      }),
      mode('image-edit', GrokImagineEdit, {
        when: whenEdit,
        example: {
          prompt: 'Replace the white wall with old brickwork and leave the bicycle as it is',
          size: '9:16',
          image_urls: ['https://example.com/inputs/bike.png'],
        },
        result: oneFile,
      }),
    ],
  }),
  ...defineFamily('grok-imagine', 'apidot-documented', {
    'grok-imagine-image-quality': [
      mode('text-to-image', GrokImagineQualityTextToImage, {
        when: whenText,
        example: {
          prompt: 'A red bicycle leaning against a white wall, soft daylight',
          n: 1,
          aspect_ratio: '1:1',
          resolution: '1K',
        },
        result: nFiles,
      }),
      mode('image-edit', GrokImagineQualityEdit, {
        when: whenEdit,
        example: {
          prompt: 'Replace the white wall with old brickwork and leave the bicycle as it is',
          n: 1,
          resolution: '2K',
          aspect_ratio: '1:1',
          image_urls: ['https://example.com/inputs/bike.png'],
        },
        result: nFiles,
      }),
    ],
  }),
];
