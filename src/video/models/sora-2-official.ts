import {
  absent,
  defineFamily,
  Forbids,
  MediaUrls,
  mode,
  OneOf,
  present,
  Text,
} from '../../shared/validation/index.js';

/*
 * sora-2-official and sora-2-pro-official. APIDot documents both in its model repository and examples; the defaults of
 * duration and resolution come from PoYo.
 *
 * Ratio auto exists on the pro model only and needs an input image. The standard model has one fixed resolution. No bound
 * of the prompt is published.
 */

abstract class Sora2OfficialInput {
  @Text()
  prompt: string;

  @OneOf([4, 8, 12, 16, 20], { default: 4, about: 'Seconds.' })
  duration?: 4 | 8 | 12 | 16 | 20;
}

@Forbids(['resolution'], { because: 'The resolution is fixed; sora-2-pro-official lets you choose it.' })
export class Sora2OfficialTextToVideo extends Sora2OfficialInput {
  @OneOf(['16:9', '9:16'], { default: '16:9' })
  aspect_ratio?: '16:9' | '9:16';
}

export class Sora2OfficialImageToVideo extends Sora2OfficialTextToVideo {
  @MediaUrls({ min: 1, max: 1 })
  image_urls: string[];
}

abstract class Sora2ProOfficialInput extends Sora2OfficialInput {
  @OneOf(['720p', '1024p', '1080p'], { default: '1024p' })
  resolution?: '720p' | '1024p' | '1080p';
}

export class Sora2ProOfficialTextToVideo extends Sora2ProOfficialInput {
  @OneOf(['16:9', '9:16'], { default: '16:9' })
  aspect_ratio?: '16:9' | '9:16';
}

export class Sora2ProOfficialImageToVideo extends Sora2ProOfficialInput {
  @OneOf(['auto', '16:9', '9:16'], { default: '16:9', about: 'auto needs the image.' })
  aspect_ratio?: 'auto' | '16:9' | '9:16';

  @MediaUrls({ min: 1, max: 1 })
  image_urls: string[];
}

const result = { fileType: 'video', count: 1 };

const whenText = absent('image_urls');
const whenImage = present('image_urls');

const textExample = {
  prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
  duration: 8,
  aspect_ratio: '16:9',
} as const;

const imageExample = {
  ...textExample,
  prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
  image_urls: ['https://example.com/inputs/bike.webp'],
};

export const sora2Official = defineFamily('sora-2-official', 'apidot-documented', {
  'sora-2-official': [
    mode('text-to-video', Sora2OfficialTextToVideo, { when: whenText, example: textExample, result }),
    mode('image-to-video', Sora2OfficialImageToVideo, { when: whenImage, example: imageExample, result }),
  ],
  'sora-2-pro-official': [
    mode('text-to-video', Sora2ProOfficialTextToVideo, {
      when: whenText,
      example: { ...textExample, resolution: '1024p' },
      result,
    }),
    mode('image-to-video', Sora2ProOfficialImageToVideo, {
      when: whenImage,
      example: { ...imageExample, aspect_ratio: 'auto', resolution: '1024p' },
      result,
    }),
  ],
});
