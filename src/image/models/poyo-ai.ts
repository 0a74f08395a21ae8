import { defineFamily, MediaUrls, mode, OneOf, Text } from '../../shared/validation/index.js';

/*
 * poyo-ai/image-translator: puts the writing of an image into another language. A service of PoYo's own; there is no trace
 * of it at APIDot.
 *
 * Not known: which languages there are and how they are written, and what exactly the three switches, 0 or 1, do.
 */

export class PoyoImageTranslate {
  @MediaUrls({ min: 1, max: 1 })
  image_urls: string[];

  @Text({ about: 'The list of languages is not published.' })
  target_language: string;

  @Text({ default: 'auto' })
  source_language?: string;

  @OneOf([0, 1], { default: 0 })
  protect_text?: 0 | 1;

  @OneOf([0, 1], { default: 1 })
  synthesis_on_image?: 0 | 1;

  @OneOf([0, 1], { default: 1 })
  translate_on_image?: 0 | 1;
}

export const poyoAi = defineFamily('poyo-ai', 'poyo-only', {
  'poyo-ai/image-translator': [
    mode('image-translate', PoyoImageTranslate, {
      example: {
        image_urls: ['https://example.com/inputs/sign.png'],
        target_language: 'en',
      },
      result: { fileType: 'image', count: 1 },
    }),
  ],
});
