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
 * gpt-image-1-official, gpt-image-1.5 and gpt-image-1.5-official, each with an edit entry: three families with the same
 * fields, all of them PoYo's. APIDot uses the ids of gpt-image-1.5 in its site source; of the official ones there is no
 * trace at APIDot.
 *
 * Not known: how many files come without n, and how many images an edit takes.
 */

const SIZES = ['1024x1024', '1024x1536', '1536x1024'] as const;

abstract class GptImage1Input {
  @Text({ max: 1000 })
  prompt: string;

  @OneOf([1, 2, 3, 4], { optional: true, about: 'How many images to make. No default is published.' })
  n?: 1 | 2 | 3 | 4;

  @OneOf(SIZES, { default: '1024x1024' })
  size?: (typeof SIZES)[number];
}

@Forbids(['image_urls', 'mask_url'], {
  because: 'Source images and masks go to the edit model of this family.',
})
export class GptImage1TextToImage extends GptImage1Input {}

export class GptImage1Edit extends GptImage1Input {
  @MediaUrls({ min: 1, about: 'No upper bound is published.' })
  image_urls: string[];

  @MediaUrl({ optional: true })
  mask_url?: string;
}

const result = { fileType: 'image', count: 'n' };

const textToImage = mode('text-to-image', GptImage1TextToImage, {
  example: {
    prompt: 'A red bicycle leaning against a white wall, soft daylight',
    n: 1,
    size: '1024x1024',
  },
  result,
});

const imageEdit = mode('image-edit', GptImage1Edit, {
  example: {
    prompt: 'Replace the white wall with old brickwork and leave the bicycle as it is',
    n: 1,
    size: '1024x1024',
    image_urls: ['https://example.com/inputs/bike.png'],
  },
  result,
});

export const gptImage1Official = defineFamily('gpt-image-1-official', 'poyo-only', {
  'gpt-image-1-official': [textToImage],
  'gpt-image-1-edit-official': [imageEdit],
});

export const gptImage15 = defineFamily('gpt-image-1.5', 'apidot-client-code', {
  'gpt-image-1.5': [textToImage],
  'gpt-image-1.5-edit': [imageEdit],
});

export const gptImage15Official = defineFamily('gpt-image-1.5-official', 'poyo-only', {
  'gpt-image-1.5-official': [textToImage],
  'gpt-image-1.5-edit-official': [imageEdit],
});
