import { defineFamily, Forbids, MediaUrls, mode, OneOf, Text } from '../../shared/validation/index.js';

/*
 * flux-kontext in two strengths, pro and max, each with an edit entry. APIDot documents the ids in its examples; the
 * longest prompt comes from PoYo.
 *
 * Where sources differ: the tallest ratio is 9:21 at PoYo and 16:21 in APIDot's site client; 9:21 is accepted, 16:21 is not.
 */

const RATIOS = ['1:1', '4:3', '3:4', '16:9', '9:16', '21:9', '9:21'] as const;

abstract class FluxKontextInput {
  @Text({ max: 2000 })
  prompt: string;

  @OneOf(RATIOS, { default: '1:1' })
  size?: (typeof RATIOS)[number];

  @OneOf(['png', 'jpg'], { optional: true })
  output_format?: 'png' | 'jpg';
}

@Forbids(['image_urls'], { because: 'A source image goes to the edit model of the same strength.' })
export class FluxKontextTextToImage extends FluxKontextInput {}

export class FluxKontextEdit extends FluxKontextInput {
  @MediaUrls({ min: 1, max: 1 })
  image_urls: string[];
}

const result = { fileType: 'image', count: 1 };

const textToImage = mode('text-to-image', FluxKontextTextToImage, {
  example: {
    prompt: 'A red bicycle leaning against a white wall, soft daylight',
    size: '16:9',
    output_format: 'png',
  },
  result,
});

const imageEdit = mode('image-edit', FluxKontextEdit, {
  example: {
    prompt: 'Replace the white wall with old brickwork and leave the bicycle as it is',
    size: '16:9',
    output_format: 'png',
    image_urls: ['https://example.com/inputs/bike.png'],
  },
  result,
});

export const fluxKontext = defineFamily('flux-kontext', 'apidot-documented', {
  'flux-kontext-pro': [textToImage],
  'flux-kontext-pro-edit': [imageEdit],
  'flux-kontext-max': [textToImage],
  'flux-kontext-max-edit': [imageEdit],
});
