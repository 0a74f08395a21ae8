import {
  defineFamily,
  Forbids,
  MediaUrl,
  MediaUrls,
  mode,
  OneOf,
  Shapes,
  Text,
  Whole,
} from '../../shared/validation/index.js';

/*
 * Two families that share their fields: kling-o1-image, which only edits, and kling-o3-image with its edit entry. APIDot
 * uses the ids in its site source; the fields are PoYo's.
 *
 * Where sources differ: APIDot's site client also has result_type, series_amount and the output format jpg. PoYo's schema
 * knows none of them, and they are refused.
 *
 * Size auto is for the edit entries only. How many elements and reference images there may be is not published.
 */

const RATIOS = ['16:9', '9:16', '1:1', '4:3', '3:4', '3:2', '2:3', '21:9'] as const;

/** A thing that the prompt refers to, shown by images. */
export class KlingImageElement {
  @MediaUrl({ optional: true })
  frontal_image_url?: string;

  @MediaUrls({ optional: true })
  reference_image_urls?: string[];
}

abstract class KlingImageInput {
  @Text({ max: 2000 })
  prompt: string;

  @OneOf(['jpeg', 'png', 'webp'], { default: 'png' })
  output_format?: 'jpeg' | 'png' | 'webp';

  @Whole({ min: 1, max: 9, default: 1, about: 'How many images to make.' })
  n?: number;

  @Shapes(KlingImageElement, {
    optional: true,
    about: 'The prompt addresses them as @Element1, @Element2 and so on.',
  })
  elements?: KlingImageElement[];
}

export class KlingO1ImageEdit extends KlingImageInput {
  @OneOf(['auto', ...RATIOS], { default: 'auto' })
  size?: 'auto' | (typeof RATIOS)[number];

  @OneOf(['1K', '2K'], { default: '1K' })
  resolution?: '1K' | '2K';

  @MediaUrls({ min: 1, max: 10 })
  image_urls: string[];
}

abstract class KlingO3ImageInput extends KlingImageInput {
  @OneOf(['1K', '2K', '4K'], { default: '1K' })
  resolution?: '1K' | '2K' | '4K';
}

@Forbids(['image_urls'], { because: 'Reference images go to kling-o3-image-edit.' })
export class KlingO3ImageTextToImage extends KlingO3ImageInput {
  @OneOf(RATIOS, { default: '16:9' })
  size?: (typeof RATIOS)[number];
}

export class KlingO3ImageEdit extends KlingO3ImageInput {
  @OneOf(['auto', ...RATIOS], { default: '16:9' })
  size?: 'auto' | (typeof RATIOS)[number];

  @MediaUrls({ min: 1, max: 10 })
  image_urls: string[];
}

const result = { fileType: 'image', count: 'n' };

const editExample = {
  prompt: 'Replace the white wall with old brickwork and leave the bicycle as it is',
  size: 'auto' as const,
  resolution: '1K' as const,
  n: 1,
  image_urls: ['https://example.com/inputs/bike.png'],
};

export const klingO1Image = defineFamily('kling-o1-image', 'apidot-client-code', {
  'kling-o1-image-edit': [mode('image-edit', KlingO1ImageEdit, { example: editExample, result })],
});

export const klingO3Image = defineFamily('kling-o3-image', 'apidot-client-code', {
  'kling-o3-image': [
    mode('text-to-image', KlingO3ImageTextToImage, {
      example: {
        prompt: 'A red bicycle leaning against a white wall, soft daylight',
        size: '16:9',
        resolution: '2K',
        n: 1,
      },
      result,
    }),
  ],
  'kling-o3-image-edit': [
    mode('image-edit', KlingO3ImageEdit, { example: { ...editExample, resolution: '4K' }, result }),
  ],
});
