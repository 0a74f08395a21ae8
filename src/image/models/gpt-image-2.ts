import {
  defineFamily,
  Either,
  Forbids,
  matches,
  MediaUrls,
  mode,
  oneOf,
  OneOf,
  Text,
  text,
  ValueWhen,
} from '../../shared/validation/index.js';

/*
 * gpt-image-2 and its edit entry. APIDot documents both in its model repository and examples.
 *
 * Where sources differ:
 * - size, quality, resolution: the site's older field table knows fewer values; the newer model repository is followed.
 * - prompt length: nothing published by APIDot; 20000 is PoYo's bound (an older text of theirs says 4000).
 * - image_urls on gpt-image-2: refused by APIDot with 400, called optional in one PoYo text; refused here.
 *
 * Not checked: with size auto or no size the output is 1K whatever resolution says. One third-party client holds custom
 * sizes to multiples of 16, edges up to 3840, 655360 to 8294400 pixels and a ratio of 3:1; APIDot publishes no such bounds.
 */

const CUSTOM_SIZE = /^\d+x\d+$/;
const NAMED_SIZES = [
  'auto',
  '1:1',
  '2:3',
  '3:2',
  '3:4',
  '4:3',
  '4:5',
  '5:4',
  '9:16',
  '16:9',
  '21:9',
] as const;

@ValueWhen('resolution', oneOf(['2K', '4K']), {
  when: matches('size', CUSTOM_SIZE, 'WIDTHxHEIGHT'),
  because: 'A custom pixel size needs an explicit 2K or 4K resolution.',
})
@Forbids(['n'], { because: 'One image per request; n is not part of this model.' })
abstract class GptImage2Input {
  @Text({ max: 20_000 })
  prompt: string;

  @OneOf(['low', 'medium', 'high'], { default: 'low' })
  quality?: 'low' | 'medium' | 'high';

  @Either([oneOf(NAMED_SIZES), text({ pattern: CUSTOM_SIZE, like: 'WIDTHxHEIGHT in pixels' })], {
    default: 'auto',
  })
  size?: string;

  @OneOf(['1K', '2K', '4K'], { default: '1K', about: 'With size auto, or no size, the output is 1K.' })
  resolution?: '1K' | '2K' | '4K';
}

@Forbids(['image_urls'], { because: 'Reference images belong to gpt-image-2-edit.' })
export class GptImage2TextToImage extends GptImage2Input {}

export class GptImage2Edit extends GptImage2Input {
  @MediaUrls({ min: 1, about: 'No upper bound is published.' })
  image_urls: string[];
}

const result = { fileType: 'image', count: 1 };

export const gptImage2 = defineFamily('gpt-image-2', 'apidot-documented', {
  'gpt-image-2': [
    mode('text-to-image', GptImage2TextToImage, {
      example: {
        prompt: 'A red bicycle leaning against a white wall, soft daylight',
        quality: 'low',
        size: '1:1',
        resolution: '1K',
      },
      result,
    }),
  ],
  'gpt-image-2-edit': [
    mode('image-edit', GptImage2Edit, {
      example: {
        prompt: 'Replace the white wall with old brickwork and leave the bicycle as it is',
        quality: 'high',
        size: '2304x1536',
        resolution: '2K',
        image_urls: ['https://example.com/inputs/bike.png'],
      },
      result,
    }),
  ],
});
