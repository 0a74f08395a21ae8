import {
  Decimal,
  defineFamily,
  Flag,
  MediaUrl,
  MediaUrls,
  mode,
  OneOf,
  Text,
  Whole,
} from '../../shared/validation/index.js';

/*
 * Three services of PoYo's own that work on a finished video: translation, background removal and upscaling. There is no
 * trace of them at APIDot.
 *
 * Not known: which languages and voices there are, what exactly wy_need_text and remove_bg_audio, 0 or 1, do, and the
 * default background and container.
 */

export class PoyoVideoTranslate {
  @MediaUrls({ min: 1, max: 1 })
  video_urls: string[];

  @Text({ about: 'The list of languages is not published.' })
  source_language: string;

  @Text({ about: 'The list of languages is not published.' })
  target_language: string;

  @OneOf([0, 1], { default: 1 })
  wy_need_text?: 0 | 1;

  @Whole({ default: 0, about: 'The list of voices is not published.' })
  voice_role_id?: number;

  @OneOf([0, 1], { default: 0 })
  remove_bg_audio?: 0 | 1;
}

const BACKGROUNDS = [
  'Transparent',
  'Black',
  'White',
  'Gray',
  'Red',
  'Green',
  'Blue',
  'Yellow',
  'Cyan',
  'Magenta',
  'Orange',
] as const;

const CONTAINERS = [
  'mp4_h265',
  'mp4_h264',
  'webm_vp9',
  'mov_h265',
  'mov_proresks',
  'mkv_h265',
  'mkv_h264',
  'mkv_vp9',
  'gif',
] as const;

export class PoyoVideoBackgroundRemoval {
  @MediaUrl()
  video_url: string;

  @Flag({ default: true })
  preserve_audio?: boolean;

  @OneOf(BACKGROUNDS, { optional: true })
  background_color?: (typeof BACKGROUNDS)[number];

  @OneOf(CONTAINERS, { optional: true })
  output_container_and_codec?: (typeof CONTAINERS)[number];
}

export class PoyoVideoUpscale {
  @MediaUrl()
  video_url: string;

  @Decimal({ min: 1, max: 8, default: 2 })
  scale?: number;
}

const result = { fileType: 'video', count: 1 };

const video = 'https://example.com/inputs/source.mp4';

export const poyoAi = defineFamily('poyo-ai', 'poyo-only', {
  'poyo-ai/video-translator': [
    mode('video-translate', PoyoVideoTranslate, {
      example: { video_urls: [video], source_language: 'en', target_language: 'zh' },
      result,
    }),
  ],
  'poyo-ai/video-background-removal': [
    mode('video-background-removal', PoyoVideoBackgroundRemoval, {
      example: { video_url: video, background_color: 'Transparent' },
      result,
    }),
  ],
  'poyo-ai/video-upscaler': [
    mode('video-upscale', PoyoVideoUpscale, { example: { video_url: video, scale: 2 }, result }),
  ],
});
