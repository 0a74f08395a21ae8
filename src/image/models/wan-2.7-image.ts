import {
  absent,
  defineFamily,
  Either,
  MediaUrls,
  mode,
  oneOf,
  present,
  shape,
  Text,
  Whole,
} from '../../shared/validation/index.js';
import { PixelSize } from './pixel-size.js';

/*
 * wan-2.7-image and wan-2.7-image-pro; both edit as soon as they are given images. APIDot documents them in its examples;
 * the longest prompt comes from PoYo.
 *
 * Pixel sizes other than the named ones go as an object, not as text. Its bounds are not published.
 */

const NAMED_SIZES = ['512x512', '1024x1024', '768x1024', '1024x768', '576x1024', '1024x576'] as const;

export class Wan27ImageTextToImage {
  @Text({ max: 5000 })
  prompt: string;

  @Either<(typeof NAMED_SIZES)[number] | PixelSize>([oneOf(NAMED_SIZES), shape(PixelSize)], {
    default: '1024x1024',
  })
  size?: (typeof NAMED_SIZES)[number] | PixelSize;

  @Whole({ min: 1, max: 4, default: 1, about: 'How many images to make.' })
  n?: number;

  @Whole({ optional: true })
  seed?: number;
}

export class Wan27ImageEdit extends Wan27ImageTextToImage {
  @MediaUrls({ min: 1, max: 4, about: 'The order matters: the prompt refers to them by position.' })
  image_urls: string[];
}

const result = { fileType: 'image', count: 'n' };

const modes = [
  mode('text-to-image', Wan27ImageTextToImage, {
    when: absent('image_urls'),
    example: {
      prompt: 'A red bicycle leaning against a white wall, soft daylight',
      size: '1024x1024',
      n: 1,
    },
    result,
  }),
  mode('image-edit', Wan27ImageEdit, {
    when: present('image_urls'),
    example: {
      prompt: 'Replace the white wall with old brickwork and leave the bicycle as it is',
      size: { width: 1280, height: 720 },
      n: 1,
      image_urls: ['https://example.com/inputs/bike.png'],
    },
    result,
  }),
];

export const wan27Image = defineFamily('wan-2.7-image', 'apidot-documented', {
  'wan-2.7-image': modes,
  'wan-2.7-image-pro': modes,
});
