import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { imageKind } from '../image.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A red bicycle' };
const edit = { ...text, image_urls: [url('a.png')] };

const cases: readonly Case[] = [
  ['only a prompt', 'gpt-image-2', text, 'text-to-image'],
  [
    'every named value',
    'gpt-image-2',
    { ...text, quality: 'high', size: '21:9', resolution: '4K' },
    'text-to-image',
  ],
  ['a custom size with 2K', 'gpt-image-2', { ...text, size: '2304x1536', resolution: '2K' }, 'text-to-image'],
  [
    'a custom size with 1K',
    'gpt-image-2',
    { ...text, size: '2304x1536', resolution: '1K' },
    ['/resolution enum'],
  ],
  [
    'a custom size without a resolution, which reads as 1K',
    'gpt-image-2',
    { ...text, size: '1024x768' },
    ['/resolution enum'],
  ],
  ['a size of neither kind', 'gpt-image-2', { ...text, size: '1024 x 768' }, ['/size enum']],
  ['reference images', 'gpt-image-2', edit, ['/image_urls forbids']],
  ['an empty list of reference images', 'gpt-image-2', { ...text, image_urls: [] }, ['/image_urls forbids']],
  ['several images at once', 'gpt-image-2', { ...text, n: 1 }, ['/n forbids']],
  ['a prompt at the bound', 'gpt-image-2', { prompt: 'a'.repeat(20_000) }, 'text-to-image'],
  ['a prompt above the bound', 'gpt-image-2', { prompt: 'a'.repeat(20_001) }, ['/prompt maxLength']],
  ['an image', 'gpt-image-2-edit', edit, 'image-edit'],
  [
    'many images, no bound is published',
    'gpt-image-2-edit',
    { ...text, image_urls: Array(40).fill(url('a.png')) },
    'image-edit',
  ],
  ['no image', 'gpt-image-2-edit', text, ['/image_urls required']],
  ['an empty list of images', 'gpt-image-2-edit', { ...text, image_urls: [] }, ['/image_urls minItems']],
  [
    'one data URL among images',
    'gpt-image-2-edit',
    { ...text, image_urls: [url('a.png'), 'data:image/png;base64,AA'] },
    ['/image_urls/1 url'],
  ],
  [
    'everything wrong at once',
    'gpt-image-2-edit',
    { prompt: '', quality: 'ultra', size: 5, resolution: '8K', image_urls: 'x', n: 2, seed: 1 },
    [
      '/prompt required',
      '/quality enum',
      '/size type',
      '/resolution enum',
      '/image_urls type',
      '/n forbids',
      '/seed unknown_field',
    ],
  ],
];

describe('gpt-image-2', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(imageKind(), model, input)).toEqual(expected);
  });
});
