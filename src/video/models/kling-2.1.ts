import { defineFamily, Forbids, MediaUrl, mode, OneOf, Text } from '../../shared/validation/index.js';

/*
 * kling-2.1/standard and kling-2.1/pro, from an image only. The ids are in the source of APIDot's web site; fields come
 * from PoYo. No bound of negative_prompt is published.
 */

abstract class Kling21Input {
  @Text({ max: 5000 })
  prompt: string;

  @MediaUrl({ about: 'The opening frame.' })
  start_image_url: string;

  @OneOf([5, 10], { default: 5, about: 'Seconds.' })
  duration?: 5 | 10;

  @Text({ optional: true })
  negative_prompt?: string;
}

@Forbids(['end_image_url'], { because: 'Only kling-2.1/pro takes a closing frame.' })
export class Kling21Standard extends Kling21Input {}

export class Kling21Pro extends Kling21Input {
  @MediaUrl({ optional: true, about: 'The closing frame.' })
  end_image_url?: string;
}

const example = {
  prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
  duration: 5,
  start_image_url: 'https://example.com/inputs/first.png',
} as const;

const result = { fileType: 'video', count: 1 };

export const kling21 = defineFamily('kling-2.1', 'apidot-client-code', {
  'kling-2.1/standard': [mode('image-to-video', Kling21Standard, { example, result })],
  'kling-2.1/pro': [mode('image-to-video', Kling21Pro, { example, result })],
});
