import {
  AtLeastOneOf,
  defineFamily,
  Exclusive,
  Flag,
  MediaUrls,
  mode,
  OneOf,
  present,
  Text,
  Whole,
} from '../../shared/validation/index.js';

/*
 * seedance-2-mini: text, first and last frame, or multimodal references, which all go through one schema. No trace at
 * APIDot: id and fields come from PoYo.
 *
 * Unlike seedance-2, ratio auto is listed, and no limit over all references together is known. Not published: the defaults
 * of aspect_ratio and generate_audio.
 */

const REFERENCES = ['reference_image_urls', 'reference_video_urls', 'reference_audio_urls'] as const;
const RATIOS = ['auto', '1:1', '21:9', '4:3', '3:4', '16:9', '9:16'] as const;

@Exclusive([['image_urls'], REFERENCES], {
  because: 'First and last frames and multimodal references cannot be mixed.',
})
@AtLeastOneOf(['reference_image_urls', 'reference_video_urls'], {
  when: present('reference_audio_urls'),
  because: 'Audio references need a reference image or video beside them.',
})
export class Seedance2Mini {
  @Text({ min: 3, max: 20_000 })
  prompt: string;

  @Whole({ min: 4, max: 15, about: 'Seconds.' })
  duration: number;

  @OneOf(['480p', '720p'], { default: '720p' })
  resolution?: '480p' | '720p';

  @OneOf(RATIOS, { optional: true })
  aspect_ratio?: (typeof RATIOS)[number];

  @Flag({ optional: true })
  generate_audio?: boolean;

  @MediaUrls({ max: 2, optional: true, about: 'The first opens the video, the second closes it.' })
  image_urls?: string[];

  @MediaUrls({ max: 9, optional: true })
  reference_image_urls?: string[];

  @MediaUrls({ max: 3, optional: true })
  reference_video_urls?: string[];

  @MediaUrls({ max: 3, optional: true })
  reference_audio_urls?: string[];
}

export const seedance2Mini = defineFamily('seedance-2-mini', 'poyo-only', {
  'seedance-2-mini': [
    mode('any (mode follows the media fields)', Seedance2Mini, {
      example: {
        prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
        duration: 5,
        resolution: '720p',
        aspect_ratio: '16:9',
      },
      result: { fileType: 'video', count: 1 },
    }),
  ],
});
