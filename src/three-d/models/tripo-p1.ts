import { defineFamily, Flag, Forbids, MediaUrls, mode, Text, Whole } from '../../shared/validation/index.js';

/*
 * tripo3d-p1 from text or from one image. APIDot documents both ids in its examples; the prompt's bound is PoYo's.
 *
 * Where sources differ: result files are of type model at APIDot, 3d or other with a label at PoYo; besides the GLB there
 * may be more formats, a thumbnail and a preview.
 *
 * Bounds of model_seed are not published.
 */

abstract class TripoP1Input {
  @Whole({ min: 48, max: 20_000, optional: true })
  face_limit?: number;

  @Flag({ default: true })
  texture?: boolean;

  @Whole({ optional: true })
  model_seed?: number;
}

@Forbids(['image_urls'], { because: 'Images belong to tripo3d-p1-image-to-3d.' })
export class TripoP1TextTo3d extends TripoP1Input {
  @Text({ max: 1024 })
  prompt: string;
}

export class TripoP1ImageTo3d extends TripoP1Input {
  @MediaUrls({ min: 1, max: 1 })
  image_urls: string[];
}

const result = { fileType: 'model', count: 1 };

export const tripoP1 = defineFamily('tripo-p1', 'apidot-documented', {
  'tripo3d-p1-text-to-3d': [
    mode('text-to-3d', TripoP1TextTo3d, {
      example: {
        prompt: 'A small three-legged wooden stool with visible grain',
        texture: true,
        face_limit: 12_000,
      },
      result,
    }),
  ],
  'tripo3d-p1-image-to-3d': [
    mode('image-to-3d', TripoP1ImageTo3d, {
      example: {
        texture: false,
        face_limit: 8000,
        image_urls: ['https://example.com/inputs/front.png'],
      },
      result,
    }),
  ],
});
