import {
  defineFamily,
  Flag,
  Forbids,
  MediaUrls,
  mode,
  OneOf,
  Text,
  Whole,
} from '../../shared/validation/index.js';

/*
 * nano-banana-2, nano-banana-2-official and nano-banana-2-new, each with an edit entry. APIDot documents the first in its
 * model repository and examples; the other ids stand only in its site source, with fields from PoYo. Bounds of the prompt
 * and the default resolution come from PoYo throughout.
 *
 * Where sources differ:
 * - what nano-banana-2 means: at PoYo that id is the older schema (1K to 4K, no seed), and the newer one is called
 *   nano-banana-2-official; APIDot gives nano-banana-2 the newer schema, and it is followed. The older schema is what
 *   APIDot's site client calls nano-banana-2-new;
 * - output_format jpg: known to PoYo, not to APIDot; accepted on the official entries only. jpeg works on both;
 * - n and mask_url on edits of nano-banana-2-new: typed in APIDot's site client, in no schema; refused as unknown.
 */

const RATIOS = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'] as const;
const SIZES = ['auto', ...RATIOS, '4:1', '1:4', '8:1', '1:8'] as const;

const TO_EDIT = { because: 'Reference images go to the edit model of the same name.' };

abstract class NewerSchema {
  @Text({ max: 20_000 })
  prompt: string;

  @OneOf(['0.5K', '1K', '2K', '4K'], { default: '1K' })
  resolution?: '0.5K' | '1K' | '2K' | '4K';

  @OneOf(SIZES, { optional: true })
  size?: (typeof SIZES)[number];

  @Flag({ default: false })
  google_search?: boolean;

  @Whole({ optional: true })
  seed?: number;
}

abstract class NanoBanana2Input extends NewerSchema {
  @OneOf(['png', 'jpeg', 'webp'], { default: 'png' })
  output_format?: 'png' | 'jpeg' | 'webp';
}

@Forbids(['image_urls'], TO_EDIT)
export class NanoBanana2TextToImage extends NanoBanana2Input {}

export class NanoBanana2Edit extends NanoBanana2Input {
  @MediaUrls({ min: 1, max: 14 })
  image_urls: string[];
}

abstract class NanoBanana2OfficialInput extends NewerSchema {
  @OneOf(['png', 'jpg', 'jpeg', 'webp'], { default: 'png' })
  output_format?: 'png' | 'jpg' | 'jpeg' | 'webp';
}

@Forbids(['image_urls'], TO_EDIT)
export class NanoBanana2OfficialTextToImage extends NanoBanana2OfficialInput {}

export class NanoBanana2OfficialEdit extends NanoBanana2OfficialInput {
  @MediaUrls({ min: 1, max: 14 })
  image_urls: string[];
}

@Forbids(['seed', 'output_format'], {
  because: 'seed and output_format exist only on nano-banana-2 and nano-banana-2-official.',
})
abstract class NanoBanana2NewInput {
  @Text({ max: 20_000 })
  prompt: string;

  @OneOf(['1K', '2K', '4K'], { default: '1K' })
  resolution?: '1K' | '2K' | '4K';

  @OneOf(RATIOS, { optional: true })
  size?: (typeof RATIOS)[number];

  @Flag({ default: false })
  google_search?: boolean;
}

@Forbids(['image_urls'], TO_EDIT)
export class NanoBanana2NewTextToImage extends NanoBanana2NewInput {}

export class NanoBanana2NewEdit extends NanoBanana2NewInput {
  @MediaUrls({ min: 1, max: 14 })
  image_urls: string[];
}

const result = { fileType: 'image', count: 1 };

const textExample = {
  prompt: 'A red bicycle leaning against a white wall, soft daylight',
  resolution: '1K',
  size: '16:9',
} as const;

const editExample = {
  prompt: 'Replace the white wall with old brickwork and leave the bicycle as it is',
  resolution: '1K' as const,
  size: '16:9' as const,
  image_urls: ['https://example.com/inputs/bike.png'],
};

export const nanoBanana2 = [
  ...defineFamily('nano-banana-2', 'apidot-documented', {
    'nano-banana-2': [
      mode('text-to-image', NanoBanana2TextToImage, {
        example: { ...textExample, size: 'auto', output_format: 'png', google_search: false },
        result,
      }),
    ],
    'nano-banana-2-edit': [
      mode('image-edit', NanoBanana2Edit, {
        example: { ...editExample, resolution: '2K', output_format: 'webp', google_search: false },
        result,
      }),
    ],
  }),
  ...defineFamily('nano-banana-2', 'apidot-client-code', {
    'nano-banana-2-official': [
      mode('text-to-image', NanoBanana2OfficialTextToImage, { example: textExample, result }),
    ],
    'nano-banana-2-official-edit': [
      mode('image-edit', NanoBanana2OfficialEdit, { example: editExample, result }),
    ],
    'nano-banana-2-new': [mode('text-to-image', NanoBanana2NewTextToImage, { example: textExample, result })],
    'nano-banana-2-new-edit': [mode('image-edit', NanoBanana2NewEdit, { example: editExample, result })],
  }),
];
