import {
  defineFamily,
  Flag,
  Forbids,
  MediaUrls,
  mode,
  OneOf,
  Text,
  Whole,
} from '../../shared/validation/index.js';

/*
 * tripo3d-h3.1 from text, from one image and from several views. APIDot documents the three ids in its examples; the bounds
 * of prompt and negative_prompt are PoYo's.
 *
 * Where sources differ: result files are of type model at APIDot, 3d or other with a label at PoYo; besides the GLB there
 * may be more formats, a thumbnail and a preview.
 *
 * Not known: whether prompt and negative_prompt are read beside images; the examples leave them out, so they are refused
 * there. Bounds of the seeds are not published.
 */

abstract class TripoH31Input {
  @Whole({ min: 1000, max: 2_000_000, optional: true })
  face_limit?: number;

  @Flag({ default: true })
  texture?: boolean;

  @OneOf(['standard', 'detailed'], { default: 'standard' })
  texture_quality?: 'standard' | 'detailed';

  @OneOf(['standard', 'detailed'], { default: 'standard' })
  geometry_quality?: 'standard' | 'detailed';

  @Flag({ optional: true })
  pbr?: boolean;

  @Flag({ optional: true })
  auto_size?: boolean;

  @Flag({ default: false })
  quad?: boolean;

  @Whole({ optional: true })
  model_seed?: number;

  @Whole({ optional: true })
  texture_seed?: number;
}

@Forbids(['image_urls'], { because: 'Images belong to the image and multiview models of this family.' })
export class TripoH31TextTo3d extends TripoH31Input {
  @Text({ max: 1024 })
  prompt: string;

  @Text({ max: 1024, optional: true })
  negative_prompt?: string;

  @Whole({ optional: true })
  image_seed?: number;
}

@Forbids(['image_seed'], { because: 'It belongs to tripo3d-h3.1-text-to-3d.' })
abstract class TripoH31FromImages extends TripoH31Input {}

export class TripoH31ImageTo3d extends TripoH31FromImages {
  @MediaUrls({ min: 1, max: 1 })
  image_urls: string[];
}

export class TripoH31MultiviewTo3d extends TripoH31FromImages {
  @MediaUrls({ min: 2, max: 4, about: 'Views of the same object.' })
  image_urls: string[];
}

const result = { fileType: 'model', count: 1 };

const settings = {
  face_limit: 100_000,
  texture: true,
  texture_quality: 'standard',
  pbr: true,
  geometry_quality: 'standard',
  auto_size: true,
  quad: false,
} as const;

export const tripoH31 = defineFamily('tripo-h3.1', 'apidot-documented', {
  'tripo3d-h3.1-text-to-3d': [
    mode('text-to-3d', TripoH31TextTo3d, {
      example: {
        prompt: 'A small three-legged wooden stool with visible grain',
        negative_prompt: 'extra legs',
        ...settings,
      },
      result,
    }),
  ],
  'tripo3d-h3.1-image-to-3d': [
    mode('image-to-3d', TripoH31ImageTo3d, {
      example: { image_urls: ['https://example.com/inputs/front.png'], ...settings },
      result,
    }),
  ],
  'tripo3d-h3.1-multiview-to-3d': [
    mode('multiview-to-3d', TripoH31MultiviewTo3d, {
      example: {
        image_urls: [
          'https://example.com/inputs/front.png',
          'https://example.com/inputs/side.png',
          'https://example.com/inputs/back.png',
        ],
        ...settings,
      },
      result,
    }),
  ],
});
