import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { imageKind } from '../image.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const sign = { image_urls: [url('sign.png')], target_language: 'en' };
const model = 'poyo-ai/image-translator';

const cases: readonly Case[] = [
  ['an image and a language', model, sign, 'image-translate'],
  [
    'everything',
    model,
    { ...sign, source_language: 'de', protect_text: 1, synthesis_on_image: 0 },
    'image-translate',
  ],
  ['no language', model, { image_urls: sign.image_urls }, ['/target_language required']],
  ['two images', model, { ...sign, image_urls: [url('a.png'), url('b.png')] }, ['/image_urls maxItems']],
  ['a switch as a boolean', model, { ...sign, translate_on_image: true }, ['/translate_on_image type']],
  ['a switch beyond 1', model, { ...sign, protect_text: 2 }, ['/protect_text enum']],
];

describe('poyo-ai', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(imageKind({ catalogue: 'all' }), model, input)).toEqual(expected);
  });
});
