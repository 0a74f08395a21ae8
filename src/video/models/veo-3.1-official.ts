import {
  absent,
  count,
  defineFamily,
  equals,
  Flag,
  MediaUrls,
  mode,
  OneOf,
  oneOf,
  Text,
  ValueWhen,
} from '../../shared/validation/index.js';

/*
 * veo3.1-lite-official, -fast-official and -quality-official. APIDot lists the family; ids and fields come from PoYo.
 *
 * The number of images decides the mode: none, one, two frames, or three references (not on lite). The field that names
 * the mode is generation_type in PoYo's schema; whether APIDot renames it to generate_type, as it does for the other
 * veo3.1 models, is unknown. Ratio auto needs an input image and does not exist in reference mode.
 */

abstract class VeoOfficialInput {
  @Text()
  prompt: string;

  @Flag({ default: true })
  sound?: boolean;

  @OneOf([4, 6, 8], { optional: true, about: 'Seconds.' })
  duration?: 4 | 6 | 8;

  @OneOf(['720p', '1080p', '4k'], { default: '720p' })
  resolution?: '720p' | '1080p' | '4k';
}

export class VeoOfficialTextToVideo extends VeoOfficialInput {
  @OneOf(['16:9', '9:16'], { optional: true })
  aspect_ratio?: '16:9' | '9:16';
}

export class VeoOfficialImageToVideo extends VeoOfficialInput {
  @OneOf(['auto', '16:9', '9:16'], { optional: true })
  aspect_ratio?: 'auto' | '16:9' | '9:16';

  @MediaUrls({ min: 1, max: 1 })
  image_urls: string[];
}

export class VeoOfficialFramesToVideo extends VeoOfficialInput {
  @OneOf(['auto', '16:9', '9:16'], { optional: true })
  aspect_ratio?: 'auto' | '16:9' | '9:16';

  @MediaUrls({ min: 2, max: 2, about: 'First and last frame.' })
  image_urls: string[];

  @OneOf(['frame'], { optional: true })
  generation_type?: 'frame';
}

@ValueWhen('duration', oneOf([8]), { because: 'Reference mode always runs 8 seconds.' })
export class VeoOfficialReferenceToVideo extends VeoOfficialInput {
  @OneOf(['16:9', '9:16'], { optional: true })
  aspect_ratio?: '16:9' | '9:16';

  @MediaUrls({ min: 3, max: 3 })
  image_urls: string[];

  @OneOf(['reference'], { optional: true })
  generation_type?: 'reference';
}

const LITE_1080P = {
  when: equals('resolution', '1080p'),
  because: 'On the lite model 1080p always runs 8 seconds.',
};

@ValueWhen('duration', oneOf([8]), LITE_1080P)
export class VeoLiteOfficialTextToVideo extends VeoOfficialTextToVideo {
  @OneOf(['720p', '1080p'], { default: '720p' })
  declare resolution?: '720p' | '1080p';
}

@ValueWhen('duration', oneOf([8]), LITE_1080P)
export class VeoLiteOfficialImageToVideo extends VeoOfficialImageToVideo {
  @OneOf(['720p', '1080p'], { default: '720p' })
  declare resolution?: '720p' | '1080p';
}

@ValueWhen('duration', oneOf([8]), {
  because: 'First and last frame on the lite model always run 8 seconds.',
})
export class VeoLiteOfficialFramesToVideo extends VeoOfficialFramesToVideo {
  @OneOf(['720p', '1080p'], { default: '720p' })
  declare resolution?: '720p' | '1080p';
}

const result = { fileType: 'video', count: 1 };

const whenText = absent('image_urls');
const whenImage = count('image_urls', 1);
const whenFrames = count('image_urls', 2);
const whenReferences = count('image_urls', 3);

const textExample = {
  prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
  sound: true,
  duration: 6,
  aspect_ratio: '16:9',
  resolution: '720p',
} as const;

const imageExample = {
  prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
  sound: false,
  duration: 8 as const,
  aspect_ratio: 'auto' as const,
  resolution: '720p' as const,
  image_urls: ['https://example.com/inputs/bike.png'],
};

const framesExample = {
  ...imageExample,
  sound: true,
  image_urls: ['https://example.com/inputs/first.png', 'https://example.com/inputs/last.png'],
  generation_type: 'frame' as const,
};

const fullModes = [
  mode('text-to-video', VeoOfficialTextToVideo, { when: whenText, example: textExample, result }),
  mode('image-to-video', VeoOfficialImageToVideo, { when: whenImage, example: imageExample, result }),
  mode('frames-to-video', VeoOfficialFramesToVideo, { when: whenFrames, example: framesExample, result }),
  mode('reference-to-video', VeoOfficialReferenceToVideo, {
    when: whenReferences,
    example: {
      prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
      sound: true,
      duration: 8,
      aspect_ratio: '9:16',
      resolution: '1080p',
      image_urls: [
        'https://example.com/inputs/a.png',
        'https://example.com/inputs/b.png',
        'https://example.com/inputs/c.png',
      ],
      generation_type: 'reference',
    },
    result,
  }),
];

export const veo31Official = defineFamily('veo-3.1-official', 'apidot-family-listed', {
  'veo3.1-lite-official': [
    mode('text-to-video', VeoLiteOfficialTextToVideo, {
      when: whenText,
      example: { ...textExample, duration: 8 },
      result,
    }),
    mode('image-to-video', VeoLiteOfficialImageToVideo, { when: whenImage, example: imageExample, result }),
    mode('frames-to-video', VeoLiteOfficialFramesToVideo, {
      when: whenFrames,
      example: framesExample,
      result,
    }),
  ],
  'veo3.1-fast-official': fullModes,
  'veo3.1-quality-official': fullModes,
});
