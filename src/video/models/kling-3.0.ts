import {
  absent,
  defineFamily,
  equals,
  Flag,
  Forbids,
  itemCount,
  MediaUrl,
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
 * kling-3.0 in three strengths, and kling-3.0-motion-control. APIDot documents motion control in its model repository, has
 * the ids of standard and pro in the source of its web site, and lists the family of 4K. Except for motion control, fields
 * come from PoYo.
 *
 * Where sources differ:
 * - sound is required by PoYo, optional and on by default in APIDot's site client: required here;
 * - a prompt beside a shot list: the docs say "instead of", one client refuses it; refused here;
 * - kling_elements of motion control is PoYo's, APIDot does not mention it: accepted with MODEL_CATALOGUE=all.
 *
 * Not checked: with several shots duration is their total; an element is either 2 to 4 images or one video; the driving
 * video of motion control has up to 10 s with orientation image, up to 30 s with orientation video. Not published: how
 * many shots and elements there may be, and the default ratio.
 */

export class Kling30Shot {
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
  { max: 15 },
  { when: SEVERAL_SHOTS, because: 'All shots together run at most 15 seconds.' },
)
abstract class Kling30Input {
  @Whole({ min: 3, max: 15, about: 'Seconds; with several shots their total.' })
  duration: number;

  @Flag({ default: false, optional: false })
  multi_shots: boolean;

  @Flag()
  sound: boolean;

  @Text({ max: 2500, optional: true })
  prompt?: string;

  @Shapes(Kling30Shot, { optional: true })
  multi_prompt?: Kling30Shot[];
}

@Forbids(['kling_elements'], { because: 'Elements need an input image.' })
export class Kling30FourKTextToVideo extends Kling30Input {}

/** Somebody or something that the prompt names as `@name`: 2 to 4 images of it, or one video. */
export class Kling30Element {
  @Text()
  name: string;

  @Text({ optional: true })
  description?: string;

  @MediaUrls({ min: 2, max: 4, optional: true, about: 'JPG or PNG up to 10 MB.' })
  element_input_urls?: string[];

  @MediaUrls({ max: 1, optional: true, about: 'MP4 or MOV up to 50 MB.' })
  element_input_video_urls?: string[];
}

export class Kling30FourKImageToVideo extends Kling30Input {
  @MediaUrls({ min: 1, max: 2, about: 'Opening and closing frame. The first one decides the ratio.' })
  image_urls: string[];

  @Shapes(Kling30Element, { optional: true })
  kling_elements?: Kling30Element[];
}

/** The same for standard and pro. */
export class Kling30TextToVideo extends Kling30FourKTextToVideo {
  @Flag({ default: true, optional: false })
  declare sound: boolean;

  @OneOf(['1:1', '16:9', '9:16'], { optional: true })
  aspect_ratio?: '1:1' | '16:9' | '9:16';
}

/** The same for standard and pro. */
@ValueWhen('image_urls', itemCount({ max: 1 }), {
  when: SEVERAL_SHOTS,
  because: 'Several shots start from an opening frame; there is no closing frame.',
})
export class Kling30ImageToVideo extends Kling30FourKImageToVideo {
  @Flag({ default: true, optional: false })
  declare sound: boolean;

  @OneOf(['1:1', '16:9', '9:16'], { optional: true, about: 'The ratio of the first image wins over it.' })
  aspect_ratio?: '1:1' | '16:9' | '9:16';
}

/** A face for motion control. */
export class Kling30FaceElement {
  @MediaUrl()
  frontal_image_url: string;

  @MediaUrls({ min: 1, max: 3 })
  reference_image_urls: string[];
}

/** A person in an image moves as somebody does in a video. */
export class Kling30MotionControl {
  @Text({ max: 2500, optional: true })
  prompt?: string;

  @MediaUrls({ min: 1, max: 1, about: 'JPEG or PNG up to 10 MB.' })
  image_urls: string[];

  @MediaUrls({ min: 1, max: 1, about: 'MP4 or MOV up to 100 MB, at least 3 s.' })
  video_urls: string[];

  @OneOf(['image', 'video'], {
    about: 'With image the driving video has up to 10 s, with video up to 30 s.',
  })
  character_orientation: 'image' | 'video';

  @OneOf(['720p', '1080p'], { default: '720p' })
  resolution?: '720p' | '1080p';
}

@Forbids(['kling_elements'], {
  when: equals('character_orientation', 'image'),
  because: 'Face elements work with orientation video only.',
})
export class Kling30MotionControlAtPoyo extends Kling30MotionControl {
  @Shapes(Kling30FaceElement, { max: 1, optional: true })
  kling_elements?: Kling30FaceElement[];
}

const result = { fileType: 'video', count: 1 };

const whenText = absent('image_urls');
const whenImage = present('image_urls');

const textExample = {
  prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
  duration: 5,
  multi_shots: false,
  sound: true,
};

const imageExample = {
  ...textExample,
  prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
  image_urls: ['https://example.com/inputs/first.png'],
};

const standardAndPro = [
  mode('text-to-video', Kling30TextToVideo, {
    when: whenText,
    example: { ...textExample, aspect_ratio: '16:9' },
    result,
  }),
  mode('image-to-video', Kling30ImageToVideo, { when: whenImage, example: imageExample, result }),
];

export const kling30 = [
  ...defineFamily('kling-3.0', 'apidot-client-code', {
    'kling-3.0/standard': standardAndPro,
    'kling-3.0/pro': standardAndPro,
  }),
  ...defineFamily('kling-3.0', 'apidot-family-listed', {
    'kling-3.0/4K': [
      mode('text-to-video', Kling30FourKTextToVideo, { when: whenText, example: textExample, result }),
      mode('image-to-video', Kling30FourKImageToVideo, { when: whenImage, example: imageExample, result }),
    ],
  }),
  ...defineFamily('kling-3.0', 'apidot-documented', {
    'kling-3.0-motion-control': [
      mode('motion-transfer', Kling30MotionControl, {
        atPoyo: Kling30MotionControlAtPoyo,
        example: {
          prompt: 'The rider waves while cycling',
          image_urls: ['https://example.com/inputs/rider.png'],
          video_urls: ['https://example.com/inputs/motion.mp4'],
          character_orientation: 'image',
          resolution: '720p',
        },
        result,
      }),
    ],
  }),
];
