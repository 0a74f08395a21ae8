import {
  Decimal,
  defineFamily,
  Flag,
  Forbids,
  MediaUrl,
  MediaUrls,
  mode,
  OneOf,
  Text,
  Whole,
} from '../../shared/validation/index.js';

/*
 * meshy-6 from text, from one image and from several. APIDot documents the three ids in its examples; the prompt's bound is
 * PoYo's.
 *
 * Where sources differ: PoYo's shared schema knows prompt for the image entries too, APIDot's examples do not send it: it
 * is refused there. Result files are of type model at APIDot, 3d or other with a label at PoYo; besides the GLB there may
 * be more formats, a thumbnail and a preview.
 *
 * Not published: bounds of target_polycount and rigging_height_meters, whether animation needs rigging, and whether
 * texture_prompt and texture_image_url may be combined. None of it is checked.
 */

abstract class MeshyInput {
  @OneOf(['quad', 'triangle'], { default: 'triangle' })
  topology?: 'quad' | 'triangle';

  @Whole({ default: 30_000 })
  target_polycount?: number;

  @Flag({ default: true })
  should_remesh?: boolean;

  @OneOf(['off', 'auto', 'on'], { default: 'auto' })
  symmetry_mode?: 'off' | 'auto' | 'on';

  @OneOf(['a-pose', 't-pose', ''], { default: '' })
  pose_mode?: 'a-pose' | 't-pose' | '';

  @Flag({ optional: true })
  enable_pbr?: boolean;

  @Text({ optional: true })
  texture_prompt?: string;

  @MediaUrl({ optional: true })
  texture_image_url?: string;

  @Flag({ optional: true })
  enable_rigging?: boolean;

  @Decimal({ default: 1.7 })
  rigging_height_meters?: number;

  @Flag({ optional: true })
  enable_animation?: boolean;

  @Whole({ default: 1001 })
  animation_action_id?: number;

  @Flag({ default: true })
  enable_safety_checker?: boolean;
}

@Forbids(['image_urls', 'should_texture'], {
  because: 'Image inputs and should_texture belong to the image models of this family.',
})
export class Meshy6TextTo3d extends MeshyInput {
  @Text({ max: 600 })
  prompt: string;

  @OneOf(['preview', 'full'], { default: 'full' })
  mode?: 'preview' | 'full';

  @Whole({ optional: true })
  seed?: number;

  @Flag({ optional: true })
  enable_prompt_expansion?: boolean;
}

@Forbids(['mode', 'seed', 'enable_prompt_expansion'], { because: 'It belongs to meshy-6-text-to-3d.' })
abstract class MeshyFromImages extends MeshyInput {
  @Flag({ default: true })
  should_texture?: boolean;
}

export class Meshy6ImageTo3d extends MeshyFromImages {
  @MediaUrls({ min: 1, max: 1 })
  image_urls: string[];
}

export class Meshy6MultiImageTo3d extends MeshyFromImages {
  @MediaUrls({ min: 1, max: 4 })
  image_urls: string[];
}

const result = { fileType: 'model', count: 1 };

const imageExample = {
  image_urls: ['https://example.com/inputs/front.png'],
  topology: 'triangle' as const,
  target_polycount: 30_000,
  should_texture: true,
  enable_pbr: true,
  enable_safety_checker: true,
};

export const meshy6 = defineFamily('meshy-6', 'apidot-documented', {
  'meshy-6-text-to-3d': [
    mode('text-to-3d', Meshy6TextTo3d, {
      example: {
        prompt: 'A small three-legged wooden stool with visible grain',
        mode: 'full',
        topology: 'triangle',
        target_polycount: 30_000,
        should_remesh: true,
        symmetry_mode: 'auto',
        enable_pbr: true,
        enable_prompt_expansion: true,
        enable_safety_checker: true,
      },
      result,
    }),
  ],
  'meshy-6-image-to-3d': [mode('image-to-3d', Meshy6ImageTo3d, { example: imageExample, result })],
  'meshy-6-multi-image-to-3d': [
    mode('multi-image-to-3d', Meshy6MultiImageTo3d, {
      example: {
        ...imageExample,
        image_urls: ['https://example.com/inputs/front.png', 'https://example.com/inputs/side.png'],
      },
      result,
    }),
  ],
});
