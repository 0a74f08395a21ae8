import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { imageKind } from '../image.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A red bicycle', size: '3:4', resolution: '2K' };
const images = (count: number) => Array<string>(count).fill(url('a.png'));

const cases: readonly Case[] = [
  ['text', 'seedream-5.0-pro', text, 'text-to-image'],
  [
    'only a prompt, although defaults are stated',
    'seedream-5.0-pro',
    { prompt: 'A red bicycle' },
    ['/size required', '/resolution required'],
  ],
  ['a tier as size', 'seedream-5.0-pro', { ...text, size: '2K' }, ['/size enum']],
  ['4K', 'seedream-5.0-pro', { ...text, resolution: '4K' }, ['/resolution enum']],
  ['webp', 'seedream-5.0-pro', { ...text, output_format: 'webp' }, ['/output_format enum']],
  ['an image', 'seedream-5.0-pro', { ...text, image_urls: images(1) }, ['/image_urls forbids']],
  ['ten images', 'seedream-5.0-pro-edit', { ...text, image_urls: images(10) }, 'image-edit'],
  ['eleven images', 'seedream-5.0-pro-edit', { ...text, image_urls: images(11) }, ['/image_urls maxItems']],
];

describe('seedream-5.0-pro', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(imageKind({ catalogue: 'all' }), model, input)).toEqual(expected);
  });
});
