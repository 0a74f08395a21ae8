import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { imageKind } from '../image.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A red bicycle' };
const edit = { ...text, image_urls: [url('a.png')] };

const cases: readonly Case[] = ['pro', 'max'].flatMap((strength): readonly Case[] => [
  ['only a prompt', `flux-kontext-${strength}`, text, 'text-to-image'],
  ['the tallest ratio', `flux-kontext-${strength}`, { ...text, size: '9:21' }, 'text-to-image'],
  ['the ratio of the site client', `flux-kontext-${strength}`, { ...text, size: '16:21' }, ['/size enum']],
  ['jpeg', `flux-kontext-${strength}`, { ...text, output_format: 'jpeg' }, ['/output_format enum']],
  ['a source image', `flux-kontext-${strength}`, edit, ['/image_urls forbids']],
  ['a prompt at the bound', `flux-kontext-${strength}`, { prompt: 'a'.repeat(2000) }, 'text-to-image'],
  ['a longer one', `flux-kontext-${strength}`, { prompt: 'a'.repeat(2001) }, ['/prompt maxLength']],
  ['an edit', `flux-kontext-${strength}-edit`, { ...edit, output_format: 'jpg' }, 'image-edit'],
  ['no image', `flux-kontext-${strength}-edit`, text, ['/image_urls required']],
  [
    'two images',
    `flux-kontext-${strength}-edit`,
    { ...text, image_urls: [url('a.png'), url('b.png')] },
    ['/image_urls maxItems'],
  ],
]);

describe('flux-kontext', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(imageKind(), model, input)).toEqual(expected);
  });
});
