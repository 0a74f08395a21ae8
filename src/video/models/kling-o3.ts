import {
  absent,
  all,
  defineFamily,
  equals,
  Flag,
  Forbids,
  MediaUrls,
  mode,
  OneOf,
  oneOf,
  present,
  Requires,
  Shapes,
  Sum,
  Text,
  ValueWhen,
  Whole,
} from '../../shared/validation/index.js';

/*
 * kling-o3 in three strengths with the same inputs: text, frames, or up to four references. APIDot lists the family; ids
 * and fields come from PoYo.
 *
 * Where sources differ: a prompt beside a shot list; the docs say "instead of", one client refuses it; refused here.
 *
 * The provider ignores aspect_ratio beside frames; it is refused here, so that nobody counts on it. Not checked: with
 * several shots duration is their total. Not published: how many shots and elements there may be, what an element needs,
 * and the default ratio.
 */

export class KlingO3Shot {
  @Text({ max: 2500 })
  prompt: string;

  @Whole({ min: 1, max: 12, about: 'Seconds.' })
  duration: number;
}

const ONE_SHOT = equals('multi_shots', false);
const SEVERAL_SHOTS = equals('multi_shots', true);

@Requires(['prompt'], { when: ONE_SHOT, because: 'A single shot is described by the prompt.' })
@Requires(['multi_prompt'], { when: SEVERAL_SHOTS, because: 'Several shots are described by the shot list.' })
@Forbids(['prompt'], { when: SEVERAL_SHOTS, because: 'The shot list takes the place of the prompt.' })
@ValueWhen('sound', oneOf([true]), {
  when: SEVERAL_SHOTS,
  because: 'Several shots are made with sound only.',
})
@Sum(
  [{ sumOf: 'multi_prompt[].duration' }],
  { min: 3, max: 15 },
  { when: SEVERAL_SHOTS, because: 'All shots together run 3 to 15 seconds.' },
)
abstract class KlingO3Input {
  @Whole({ min: 3, max: 15, about: 'Seconds; with several shots their total.' })
  duration: number;

  @Flag({ default: false, optional: false })
  multi_shots: boolean;

  @Flag()
  sound: boolean;

  @Text({ max: 2500, optional: true })
  prompt?: string;

  @Shapes(KlingO3Shot, { optional: true })
  multi_prompt?: KlingO3Shot[];
}

@Forbids(['kling_elements'], { because: 'Elements belong to reference mode, beside reference_image_urls.' })
export class KlingO3TextToVideo extends KlingO3Input {
  @OneOf(['1:1', '16:9', '9:16'], { optional: true })
  aspect_ratio?: '1:1' | '16:9' | '9:16';
}

@Forbids(['kling_elements'], { because: 'Elements belong to reference mode, beside reference_image_urls.' })
@Forbids(['aspect_ratio'], { because: 'It has no effect on a video that starts from a frame.' })
export class KlingO3ImageToVideo extends KlingO3Input {
  @MediaUrls({ min: 1, max: 2, about: 'Opening and closing frame.' })
  image_urls: string[];
}

/** Somebody or something with a name, shown in images or videos. */
export class KlingO3Element {
  @Text()
  name: string;

  @Text({ optional: true })
  description?: string;

  @MediaUrls({ optional: true })
  element_input_urls?: string[];

  @MediaUrls({ optional: true })
  element_input_video_urls?: string[];
}

export class KlingO3ReferenceToVideo extends KlingO3Input {
  @MediaUrls({ min: 1, max: 4 })
  reference_image_urls: string[];

  @MediaUrls({ max: 2, optional: true, about: 'Opening and closing frame.' })
  image_urls?: string[];

  @Shapes(KlingO3Element, { optional: true })
  kling_elements?: KlingO3Element[];

  @OneOf(['1:1', '16:9', '9:16'], { optional: true })
  aspect_ratio?: '1:1' | '16:9' | '9:16';
}

const result = { fileType: 'video', count: 1 };

const textExample = {
  prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
  duration: 5,
  multi_shots: false,
  sound: true,
  aspect_ratio: '16:9',
} as const;

const modes = [
  mode('text-to-video', KlingO3TextToVideo, {
    when: all(absent('image_urls'), absent('reference_image_urls')),
    example: textExample,
    result,
  }),
  mode('image-to-video', KlingO3ImageToVideo, {
    when: all(present('image_urls'), absent('reference_image_urls')),
    example: {
      prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
      duration: 5,
      multi_shots: false,
      sound: true,
      image_urls: ['https://example.com/inputs/first.png', 'https://example.com/inputs/last.png'],
    },
    result,
  }),
  mode('reference-to-video', KlingO3ReferenceToVideo, {
    when: present('reference_image_urls'),
    example: {
      ...textExample,
      prompt: 'The rider and the bicycle from the references cross a bridge',
      reference_image_urls: ['https://example.com/inputs/rider.png', 'https://example.com/inputs/bike.png'],
    },
    result,
  }),
];

export const klingO3 = defineFamily('kling-o3', 'apidot-family-listed', {
  'kling-o3/standard': modes,
  'kling-o3/pro': modes,
  'kling-o3/4K': modes,
});
