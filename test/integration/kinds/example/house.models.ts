import { defineFamily, MediaUrl, mode, OneOf, Text } from '../../../../src/shared/validation/index.js';

/** An image model of the house, on the provider account of the house. */
export class HousePortrait {
  @Text({ max: 500, about: 'Who is shown, and how.' })
  prompt: string;

  @MediaUrl({ about: 'A photo of the person.' })
  photo_url: string;

  @OneOf(['plain', 'office', 'garden'], { default: 'plain' })
  background?: 'plain' | 'office' | 'garden';
}

export const houseModels = defineFamily('house', 'apidot-documented', {
  'house-portrait': [
    mode('portrait', HousePortrait, {
      example: { prompt: 'Smiling, three-quarter view', photo_url: 'https://example.com/photos/ada.jpg' },
      result: { fileType: 'image', count: 1 },
    }),
  ],
});
