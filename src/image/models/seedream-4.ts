import {
  defineFamily,
  Forbids,
  MediaUrls,
  mode,
  OneOf,
  Sum,
  Text,
  Whole,
} from '../../shared/validation/index.js';

/*
 * seedream-4 and its edit entry. APIDot uses the ids in its site client and writes about the model; the fields are PoYo's.
 *
 * Fewer than n images can come out. Credits are taken for n up front and given back in part.
 */

const RATIOS = ['1:1', '3:4', '4:3', '16:9', '9:16', '3:2', '2:3', '21:9'] as const;

abstract class Seedream4Input {
  @Text({ max: 5000 })
  prompt: string;

  @OneOf(RATIOS, { default: '1:1' })
  size?: (typeof RATIOS)[number];

  @OneOf(['1K', '2K', '4K'], { default: '2K' })
  resolution?: '1K' | '2K' | '4K';

  @Whole({ min: 1, max: 15, default: 1, about: 'How many images to make at most.' })
  n?: number;
}

@Forbids(['image_urls'], { because: 'Reference images go to seedream-4-edit.' })
export class Seedream4TextToImage extends Seedream4Input {}

@Sum(
  [{ count: 'image_urls' }, { value: 'n', default: 1 }],
  { max: 15 },
  { because: 'Reference images and images to make share 15 places.' },
)
export class Seedream4Edit extends Seedream4Input {
  @MediaUrls({ min: 1, max: 10 })
  image_urls: string[];
}

const result = { fileType: 'image', count: 'n' };

export const seedream4 = defineFamily('seedream-4', 'apidot-client-code', {
  'seedream-4': [
    mode('text-to-image', Seedream4TextToImage, {
      example: {
        prompt: 'A red bicycle leaning against a white wall, soft daylight',
        size: '1:1',
        resolution: '2K',
        n: 1,
      },
      result,
    }),
  ],
  'seedream-4-edit': [
    mode('image-edit', Seedream4Edit, {
      example: {
        prompt: 'Replace the white wall with old brickwork and leave the bicycle as it is',
        size: '1:1',
        resolution: '2K',
        n: 2,
        image_urls: ['https://example.com/inputs/bike.png'],
      },
      result,
    }),
  ],
});
