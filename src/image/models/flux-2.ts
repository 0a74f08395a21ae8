import { defineFamily, Forbids, MediaUrls, mode, OneOf, Text } from '../../shared/validation/index.js';

/*
 * flux-2 in two strengths, pro and flex, each with an edit entry. APIDot documents the ids in its examples.
 *
 * Where sources differ: the prompt has 3 to 5000 characters at PoYo, at most 1000 by a comment in APIDot's site client;
 * 3 to 5000 is accepted. PoYo's shared schema lists size auto for all entries; it follows the first input image, so only
 * the edit entries take it.
 */

const RATIOS = ['1:1', '4:3', '3:4', '16:9', '9:16', '3:2', '2:3'] as const;

abstract class Flux2Input {
  @Text({ min: 3, max: 5000 })
  prompt: string;

  @OneOf(['1K', '2K'])
  resolution: '1K' | '2K';
}

@Forbids(['image_urls'], { because: 'Reference images go to the edit model of this family.' })
export class Flux2TextToImage extends Flux2Input {
  @OneOf(RATIOS)
  size: (typeof RATIOS)[number];
}

export class Flux2Edit extends Flux2Input {
  @OneOf(['auto', ...RATIOS], { about: 'auto follows the first input image.' })
  size: 'auto' | (typeof RATIOS)[number];

  @MediaUrls({ min: 1, max: 8 })
  image_urls: string[];
}

const result = { fileType: 'image', count: 1 };

const textToImage = mode('text-to-image', Flux2TextToImage, {
  example: {
    prompt: 'A red bicycle leaning against a white wall, soft daylight',
    size: '1:1',
    resolution: '1K',
  },
  result,
});

const imageEdit = mode('image-edit', Flux2Edit, {
  example: {
    prompt: 'Replace the white wall with old brickwork and leave the bicycle as it is',
    size: 'auto',
    resolution: '1K',
    image_urls: ['https://example.com/inputs/bike.png'],
  },
  result,
});

export const flux2 = defineFamily('flux-2', 'apidot-documented', {
  'flux-2-pro': [textToImage],
  'flux-2-pro-edit': [imageEdit],
  'flux-2-flex': [textToImage],
  'flux-2-flex-edit': [imageEdit],
});
