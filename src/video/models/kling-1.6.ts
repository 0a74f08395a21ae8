import {
  Decimal,
  defineFamily,
  Forbids,
  MediaUrl,
  MediaUrls,
  mode,
  OneOf,
  present,
  Requires,
  Text,
} from '../../shared/validation/index.js';

/*
 * kling-1.6/standard and kling-1.6/pro: text, frames, or the elements of up to four images, which all go through one schema.
 * No trace at APIDot: ids and fields come from PoYo, whose schema refuses unknown fields.
 *
 * PoYo's schema names end_image_url for both; its prose makes it a pro feature, so standard refuses it with that reason.
 * Not published: the defaults of cfg_scale and aspect_ratio.
 */

@Forbids(['start_image_url', 'end_image_url', 'cfg_scale'], {
  when: present('image_urls'),
  because: 'A video from elements takes neither frames nor cfg_scale.',
})
@Requires(['start_image_url'], {
  when: present('end_image_url'),
  because: 'A closing frame needs an opening frame.',
})
abstract class Kling16Input {
  @Text({ max: 2500 })
  prompt: string;

  @OneOf([5, 10], { about: 'Seconds.' })
  duration: 5 | 10;

  @Text({ max: 2500, optional: true })
  negative_prompt?: string;

  @Decimal({ min: 0, max: 1, optional: true })
  cfg_scale?: number;

  @OneOf(['1:1', '16:9', '9:16'], { optional: true })
  aspect_ratio?: '1:1' | '16:9' | '9:16';

  @MediaUrl({ optional: true, about: 'The opening frame.' })
  start_image_url?: string;

  @MediaUrl({ optional: true, about: 'The closing frame, on the pro model.' })
  end_image_url?: string;

  @MediaUrls({ min: 1, max: 4, optional: true, about: 'Elements that appear in the video.' })
  image_urls?: string[];
}

@Forbids(['end_image_url'], { because: 'Only kling-1.6/pro takes a closing frame.' })
@Forbids(['aspect_ratio'], {
  when: present('start_image_url'),
  because: 'On the standard model the opening frame decides the ratio.',
})
export class Kling16Standard extends Kling16Input {}

export class Kling16Pro extends Kling16Input {}

const example = {
  prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
  duration: 5,
  aspect_ratio: '16:9',
} as const;

const result = { fileType: 'video', count: 1 };

export const kling16 = defineFamily('kling-1.6', 'poyo-only', {
  'kling-1.6/standard': [mode('any (mode follows the media fields)', Kling16Standard, { example, result })],
  'kling-1.6/pro': [mode('any (mode follows the media fields)', Kling16Pro, { example, result })],
});
