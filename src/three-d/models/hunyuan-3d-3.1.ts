import {
  defineFamily,
  Flag,
  MediaUrl,
  MediaUrls,
  mode,
  OneOf,
  Text,
  Whole,
} from '../../shared/validation/index.js';

/*
 * hunyuan-3d 3.1, pro and rapid, each from text or from an image. Ids and fields come from PoYo; there is no trace of them
 * at APIDot.
 *
 * Not known: what generate_type and enable_geometry are without a value, and what happens to unknown keys; they are
 * refused here.
 */

abstract class HunyuanPro {
  @Flag({ optional: true })
  enable_pbr?: boolean;

  @Whole({ min: 40_000, max: 1_500_000, default: 500_000 })
  face_count?: number;

  @OneOf(['Normal', 'Geometry'], { optional: true })
  generate_type?: 'Normal' | 'Geometry';
}

export class HunyuanProTextTo3d extends HunyuanPro {
  @Text({ max: 1024 })
  prompt: string;
}

/** One image, and further views of the same object where there are any. */
export class HunyuanProImageTo3d extends HunyuanPro {
  @MediaUrls({ min: 1, max: 1 })
  image_urls: string[];

  @MediaUrl({ optional: true })
  top_image_url?: string;

  @MediaUrl({ optional: true })
  back_image_url?: string;

  @MediaUrl({ optional: true })
  left_image_url?: string;

  @MediaUrl({ optional: true })
  right_image_url?: string;

  @MediaUrl({ optional: true })
  bottom_image_url?: string;

  @MediaUrl({ optional: true })
  left_front_image_url?: string;

  @MediaUrl({ optional: true })
  right_front_image_url?: string;
}

abstract class HunyuanRapid {
  @Flag({ optional: true })
  enable_pbr?: boolean;

  @Flag({ optional: true })
  enable_geometry?: boolean;
}

export class HunyuanRapidTextTo3d extends HunyuanRapid {
  @Text({ max: 200 })
  prompt: string;
}

export class HunyuanRapidImageTo3d extends HunyuanRapid {
  @MediaUrls({ min: 1, max: 1 })
  image_urls: string[];
}

const result = { fileType: 'model', count: 1 };
const prompt = 'A small three-legged wooden stool with visible grain';
const image_urls = ['https://example.com/inputs/front.png'];
const proSettings = { enable_pbr: true, face_count: 500_000, generate_type: 'Normal' } as const;

export const hunyuan3d31 = defineFamily('hunyuan-3d-3.1', 'poyo-only', {
  'hunyuan-3d/v3.1/pro/text-to-3d': [
    mode('text-to-3d', HunyuanProTextTo3d, { example: { prompt, ...proSettings }, result }),
  ],
  'hunyuan-3d/v3.1/pro/image-to-3d': [
    mode('image-to-3d', HunyuanProImageTo3d, { example: { image_urls, ...proSettings }, result }),
  ],
  'hunyuan-3d/v3.1/rapid/text-to-3d': [
    mode('text-to-3d', HunyuanRapidTextTo3d, { example: { prompt, enable_pbr: false }, result }),
  ],
  'hunyuan-3d/v3.1/rapid/image-to-3d': [
    mode('image-to-3d', HunyuanRapidImageTo3d, {
      example: { image_urls, enable_pbr: false, enable_geometry: false },
      result,
    }),
  ],
});
