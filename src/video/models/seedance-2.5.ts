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
 * seedance-2.5: text, first and last frame, or multimodal references, which all go through one schema. No trace at APIDot:
 * id and fields come from PoYo, whose schema refuses unknown fields.
 *
 * resolution is required although a default is listed. Not published: the longest prompt, bounds of seed, and the defaults
 * of aspect_ratio and generate_audio.
 */

const REFERENCES = ['reference_image_urls', 'reference_video_urls', 'reference_audio_urls'] as const;
const RATIOS = ['auto', '21:9', '16:9', '4:3', '1:1', '3:4', '9:16'] as const;

@Exclusive([['image_urls'], REFERENCES], {
  because: 'First and last frames and multimodal references cannot be mixed.',
})
@AtLeastOneOf(['reference_image_urls', 'reference_video_urls'], {
  when: present('reference_audio_urls'),
  because: 'Audio references need a reference image or video beside them.',
})
export class Seedance25 {
  @Text()
  prompt: string;

  @Whole({ min: 4, max: 30, about: 'Seconds.' })
  duration: number;

  @OneOf(['480p', '720p'], { default: '720p', optional: false })
  resolution: '480p' | '720p';

  @OneOf(RATIOS, { optional: true })
  aspect_ratio?: (typeof RATIOS)[number];

  @Flag({ optional: true })
  generate_audio?: boolean;

  @Whole({ optional: true })
  seed?: number;

  @MediaUrls({ max: 2, optional: true, about: 'The first opens the video, the second closes it.' })
  image_urls?: string[];

  @MediaUrls({ max: 30, optional: true })
  reference_image_urls?: string[];

  @MediaUrls({ max: 10, optional: true })
  reference_video_urls?: string[];

  @MediaUrls({ max: 10, optional: true })
  reference_audio_urls?: string[];
}

export const seedance25 = defineFamily('seedance-2.5', 'poyo-only', {
  'seedance-2.5': [
    mode('any (mode follows the media fields)', Seedance25, {
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
