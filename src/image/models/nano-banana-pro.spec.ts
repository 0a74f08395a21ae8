import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { imageKind } from '../image.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A red bicycle' };
const edit = { ...text, image_urls: [url('a.png')] };

const cases: readonly Case[] = [
  ['only a prompt', 'nano-banana-pro', text, 'text-to-image'],
  [
    'everything',
    'nano-banana-pro',
    { ...text, resolution: '4K', size: 'auto', output_format: 'jpg', enable_web_search: true, n: 1 },
    'text-to-image',
  ],
  ['two images at once', 'nano-banana-pro', { ...text, n: 2 }, ['/n enum']],
  ['jpeg', 'nano-banana-pro', { ...text, output_format: 'jpeg' }, ['/output_format enum']],
  [
    'the search switch of nano-banana-2',
    'nano-banana-pro',
    { ...text, google_search: true },
    ['/google_search unknown_field'],
  ],
  ['an image', 'nano-banana-pro', edit, ['/image_urls forbids']],
  ['a long prompt', 'nano-banana-pro', { prompt: 'a'.repeat(10_001) }, ['/prompt maxLength']],
  ['an edit', 'nano-banana-pro-edit', edit, 'image-edit'],
  [
    'fifteen images',
    'nano-banana-pro-edit',
    { ...text, image_urls: Array(15).fill(url('a.png')) },
    ['/image_urls maxItems'],
  ],
];

describe('nano-banana-pro', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(imageKind(), model, input)).toEqual(expected);
  });
});
