import { defineFamily, Flag, Forbids, MediaUrls, mode, OneOf, Text } from '../../shared/validation/index.js';

/*
 * seedream-5.0, its edit entry and its search entry: legacy ids that stand in APIDot's site client only, fields included.
 * Nobody documents them, and whether they still answer is unknown; seedream-5.0-lite is documented.
 */

const RATIOS = ['1:1', '3:4', '4:3', '16:9', '9:16', '3:2', '2:3', '21:9'] as const;

abstract class Seedream50Input {
  @Text()
  prompt: string;

  @OneOf(RATIOS, { optional: true })
  size?: (typeof RATIOS)[number];

  @OneOf([1], { optional: true })
  n?: 1;
}

@Forbids(['image_urls'], { because: 'Reference images go to seedream-5.0-edit.' })
@Forbids(['web_search'], { because: 'Searching the web belongs to seedream-5.0-search.' })
export class Seedream50TextToImage extends Seedream50Input {}

export class Seedream50Edit extends Seedream50Input {
  @MediaUrls({ min: 1, max: 14 })
  image_urls: string[];
}

export class Seedream50Search extends Seedream50Input {
  @Flag({ optional: true })
  web_search?: boolean;
}

const result = { fileType: 'image', count: 1 };

const textExample = {
  prompt: 'A red bicycle leaning against a white wall, soft daylight',
  size: '1:1',
  n: 1,
} as const;

export const seedream50 = defineFamily('seedream-5.0', 'apidot-client-code', {
  'seedream-5.0': [mode('text-to-image', Seedream50TextToImage, { example: textExample, result })],
  'seedream-5.0-edit': [
    mode('image-edit', Seedream50Edit, {
      example: {
        prompt: 'Replace the white wall with old brickwork and leave the bicycle as it is',
        size: '1:1',
        n: 1,
        image_urls: ['https://example.com/inputs/bike.png'],
      },
      result,
    }),
  ],
  'seedream-5.0-search': [
    mode('text-to-image-with-search', Seedream50Search, {
      example: { ...textExample, web_search: true },
      result,
    }),
  ],
});
