import {
  absent,
  all,
  any,
  AtLeastOneOf,
  defineFamily,
  Exclusive,
  Flag,
  MediaUrls,
  mode,
  OneOf,
  present,
  Sum,
  Text,
  Whole,
} from '../../shared/validation/index.js';

/*
 * seedance-2 and seedance-2-fast: text, first and last frame, or multimodal references. APIDot documents both in its
 * site docs, model repository and examples; bounds of prompt and reference lists come from PoYo.
 *
 * Where sources differ, APIDot's list is followed:
 * - resolution 4k and aspect_ratio auto exist only at PoYo;
 * - seed is typed in APIDot's site client but stands in no documentation: refused as unknown;
 * - generate_audio is true by default at APIDot, without a stated default at PoYo: callers do well to send it.
 *
 * The limit of 12 references in all is what one third-party client checks.
 */

const REFERENCES = ['reference_image_urls', 'reference_video_urls', 'reference_audio_urls'] as const;

abstract class SeedanceInput {
  @Text({ min: 3, max: 20_000 })
  prompt: string;

  @Whole({ min: 4, max: 15, about: 'Seconds.' })
  duration: number;

  @OneOf(['480p', '720p', '1080p'])
  resolution: '480p' | '720p' | '1080p';

  @OneOf(['21:9', '16:9', '4:3', '1:1', '3:4', '9:16'], { optional: true })
  aspect_ratio?: '21:9' | '16:9' | '4:3' | '1:1' | '3:4' | '9:16';

  @Flag({ default: true })
  generate_audio?: boolean;
}

export class Seedance2TextToVideo extends SeedanceInput {}

@Exclusive([['image_urls'], REFERENCES], {
  because: 'First and last frames and multimodal references cannot be mixed.',
})
export class Seedance2FramesToVideo extends SeedanceInput {
  @MediaUrls({ min: 1, max: 2, about: 'The first opens the video, the second closes it; each up to 30 MB.' })
  image_urls: string[];
}

@Exclusive([['image_urls'], REFERENCES], {
  because: 'First and last frames and multimodal references cannot be mixed.',
})
@AtLeastOneOf(REFERENCES, { because: 'Reference mode means at least one list of references.' })
@AtLeastOneOf(['reference_image_urls', 'reference_video_urls'], {
  when: present('reference_audio_urls'),
  because: 'Audio references need a reference image or video beside them.',
})
@Sum(
  REFERENCES.map((count) => ({ count })),
  { max: 12 },
  { because: 'At most 12 references in all are known to work.' },
)
export class Seedance2ReferenceToVideo extends SeedanceInput {
  @MediaUrls({ max: 9, optional: true, about: 'The prompt addresses them as @Image1, @Image2 …' })
  reference_image_urls?: string[];

  @MediaUrls({ max: 3, optional: true, about: 'Together 2 to 15 s and under 50 MB; @Video1 in the prompt.' })
  reference_video_urls?: string[];

  @MediaUrls({
    max: 3,
    optional: true,
    about: 'MP3 or WAV, together up to 15 s, 15 MB each; @Audio1 in the prompt.',
  })
  reference_audio_urls?: string[];
}

export class Seedance2FastTextToVideo extends Seedance2TextToVideo {
  @OneOf(['480p', '720p'])
  declare resolution: '480p' | '720p';
}

export class Seedance2FastFramesToVideo extends Seedance2FramesToVideo {
  @OneOf(['480p', '720p'])
  declare resolution: '480p' | '720p';
}

export class Seedance2FastReferenceToVideo extends Seedance2ReferenceToVideo {
  @OneOf(['480p', '720p'])
  declare resolution: '480p' | '720p';
}

const result = { fileType: 'video', count: 1 };

const whenText = all(absent('image_urls'), ...REFERENCES.map(absent));
const whenFrames = present('image_urls');
const whenReferences = any(...REFERENCES.map(present));

const textExample = {
  prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
  duration: 5,
  resolution: '720p',
  aspect_ratio: '16:9',
  generate_audio: true,
} as const;

const framesExample = {
  ...textExample,
  prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
  image_urls: ['https://example.com/inputs/first.png', 'https://example.com/inputs/last.png'],
};

const referencesExample = {
  ...textExample,
  prompt: '@Image1 follows the movement of @Video1',
  aspect_ratio: '9:16' as const,
  reference_image_urls: ['https://example.com/inputs/rider.png'],
  reference_video_urls: ['https://example.com/inputs/motion.mp4'],
};

export const seedance2 = defineFamily('seedance-2', 'apidot-documented', {
  'seedance-2': [
    mode('text-to-video', Seedance2TextToVideo, { when: whenText, example: textExample, result }),
    mode('frames-to-video', Seedance2FramesToVideo, { when: whenFrames, example: framesExample, result }),
    mode('reference-to-video', Seedance2ReferenceToVideo, {
      when: whenReferences,
      example: referencesExample,
      result,
    }),
  ],
  'seedance-2-fast': [
    mode('text-to-video', Seedance2FastTextToVideo, { when: whenText, example: textExample, result }),
    mode('frames-to-video', Seedance2FastFramesToVideo, { when: whenFrames, example: framesExample, result }),
    mode('reference-to-video', Seedance2FastReferenceToVideo, {
      when: whenReferences,
      example: referencesExample,
      result,
    }),
  ],
});
