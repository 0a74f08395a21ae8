import {
  absent,
  defineFamily,
  Flag,
  Forbids,
  MediaUrls,
  mode,
  OneOf,
  present,
  Text,
} from '../../shared/validation/index.js';

/*
 * z-image. APIDot documents it in its examples, from a prompt only; the longest prompt comes from PoYo.
 *
 * Where sources differ:
 * - image_urls: a mistake at APIDot; at PoYo one image turns the request into an edit and makes size optional. The edit is
 *   kept as a mode known from PoYo only, which is off by default;
 * - a prompt can be too short at APIDot, which does not say how short; PoYo has no minimum. It must not be empty.
 */

const RATIOS = ['1:1', '4:3', '3:4', '16:9', '9:16'] as const;

abstract class ZImageInput {
  @Text({ max: 1000 })
  prompt: string;

  @Flag({ default: true })
  enable_safety_checker?: boolean;
}

@Forbids(['image_urls'], { because: 'APIDot makes these images from a prompt only.' })
export class ZImageTextToImage extends ZImageInput {
  @OneOf(RATIOS)
  size: (typeof RATIOS)[number];
}

export class ZImageEdit extends ZImageInput {
  @OneOf(RATIOS, { optional: true })
  size?: (typeof RATIOS)[number];

  @MediaUrls({ min: 1, max: 1, about: 'JPEG, PNG or WEBP up to 10 MB.' })
  image_urls: string[];
}

const result = { fileType: 'image', count: 1 };

export const zImage = defineFamily('z-image', 'apidot-documented', {
  'z-image': [
    mode('text-to-image', ZImageTextToImage, {
      when: absent('image_urls'),
      example: {
        prompt: 'A red bicycle leaning against a white wall, soft daylight',
        size: '1:1',
        enable_safety_checker: true,
      },
      result,
    }),
    mode('image-edit', ZImageEdit, {
      when: present('image_urls'),
      availability: 'poyo-only',
      example: {
        prompt: 'Replace the white wall with old brickwork and leave the bicycle as it is',
        size: '4:3',
        image_urls: ['https://example.com/inputs/bike.png'],
      },
      result,
    }),
  ],
});
