import {
  defineFamily,
  Either,
  Flag,
  Forbids,
  MediaUrls,
  mode,
  oneOf,
  shape,
  Sum,
  Text,
  text,
  Whole,
} from '../../shared/validation/index.js';
import { PixelSize } from './pixel-size.js';

/*
 * seedream-4.5 and its edit entry. APIDot documents both in its model repository and examples; the longest prompt and the
 * safety checker come from PoYo.
 *
 * Where sources differ: n is 1 to 15 in APIDot's documentation and always 1 in its site client; 1 to 15 is accepted.
 *
 * A size names a tier, a ratio or exact pixels, whose bounds are not published.
 */

const TIERS_AND_RATIOS = ['2K', '4K', '1:1', '3:4', '4:3', '16:9', '9:16', '3:2', '2:3', '21:9'] as const;

@Forbids(['resolution'], { because: 'Here size names the tier as well: 2K or 4K.' })
@Forbids(['seed', 'output_format', 'elements'], {
  because: 'Parameters of other image models are not part of this one.',
})
abstract class Seedream45Input {
  @Text({ max: 3000 })
  prompt: string;

  @Either<string | PixelSize>(
    [
      oneOf(TIERS_AND_RATIOS),
      text({ pattern: /^\s*\d+\s*[xX]\s*\d+\s*$/, like: 'WIDTHxHEIGHT in pixels' }),
      shape(PixelSize),
    ],
    { default: '1:1' },
  )
  size?: string | PixelSize;

  @Whole({ min: 1, max: 15, default: 1, about: 'How many images to make.' })
  n?: number;

  @Flag({ default: true })
  enable_safety_checker?: boolean;
}

@Forbids(['image_urls'], { because: 'Reference images go to seedream-4.5-edit.' })
export class Seedream45TextToImage extends Seedream45Input {}

@Sum(
  [{ count: 'image_urls' }, { value: 'n', default: 1 }],
  { max: 15 },
  { because: 'Reference images and images to make share 15 places.' },
)
export class Seedream45Edit extends Seedream45Input {
  @MediaUrls({ min: 1, max: 10 })
  image_urls: string[];
}

const result = { fileType: 'image', count: 'n' };

export const seedream45 = defineFamily('seedream-4.5', 'apidot-documented', {
  'seedream-4.5': [
    mode('text-to-image', Seedream45TextToImage, {
      example: {
        prompt: 'A red bicycle leaning against a white wall, soft daylight',
        size: '16:9',
        n: 1,
      },
      result,
    }),
  ],
  'seedream-4.5-edit': [
    mode('image-edit', Seedream45Edit, {
      example: {
        prompt: 'Replace the white wall with old brickwork and leave the bicycle as it is',
        size: { width: 2304, height: 1728 },
        n: 1,
        image_urls: ['https://example.com/inputs/bike.png', 'https://example.com/inputs/wall.png'],
      },
      result,
    }),
  ],
});
