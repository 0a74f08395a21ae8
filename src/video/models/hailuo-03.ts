import {
  AtLeastOneOf,
  defineFamily,
  Exclusive,
  Forbids,
  MediaUrls,
  mode,
  OneOf,
  present,
  Text,
  Whole,
} from '../../shared/validation/index.js';

/*
 * hailuo-03: text, first and last frame, or multimodal references, which all go through one schema. No trace at APIDot: id
 * and fields come from PoYo.
 *
 * Not published: the default ratio, and the length and size of reference videos and audio.
 */

const RATIOS = ['adaptive', '21:9', '16:9', '4:3', '1:1', '3:4', '9:16'] as const;

@Exclusive([['image_urls'], ['reference_image_urls', 'reference_video_urls', 'reference_audio_urls']], {
  because: 'First and last frames and multimodal references cannot be mixed.',
})
@AtLeastOneOf(['reference_image_urls', 'reference_video_urls'], {
  when: present('reference_audio_urls'),
  because: 'Audio references need a reference image or video beside them.',
})
@Forbids(['aspect_ratio'], {
  when: present('image_urls'),
  because: 'The first frame decides the ratio.',
})
export class Hailuo03 {
  @Text({ max: 2000 })
  prompt: string;

  @Whole({ min: 5, max: 15, default: 5, about: 'Seconds.' })
  duration?: number;

  @OneOf(['2K'], { default: '2K' })
  resolution?: '2K';

  @OneOf(RATIOS, { optional: true })
  aspect_ratio?: (typeof RATIOS)[number];

  @MediaUrls({ min: 1, max: 2, optional: true, about: 'First and last frame.' })
  image_urls?: string[];

  @MediaUrls({ max: 9, optional: true })
  reference_image_urls?: string[];

  @MediaUrls({ max: 3, optional: true })
  reference_video_urls?: string[];

  @MediaUrls({ max: 3, optional: true })
  reference_audio_urls?: string[];
}

export const hailuo03 = defineFamily('hailuo-03', 'poyo-only', {
  'hailuo-03': [
    mode('any (mode follows the media fields)', Hailuo03, {
      example: {
        prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
        duration: 5,
        resolution: '2K',
        aspect_ratio: '16:9',
      },
      result: { fileType: 'video', count: 1 },
    }),
  ],
});
