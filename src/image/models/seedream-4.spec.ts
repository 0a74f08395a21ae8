import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { imageKind } from '../image.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A red bicycle' };
const images = (count: number) => Array<string>(count).fill(url('a.png'));

const cases: readonly Case[] = [
  ['only a prompt', 'seedream-4', text, 'text-to-image'],
  ['fifteen files', 'seedream-4', { ...text, size: '21:9', resolution: '4K', n: 15 }, 'text-to-image'],
  ['sixteen files', 'seedream-4', { ...text, n: 16 }, ['/n max']],
  ['size in pixels', 'seedream-4', { ...text, size: '1024x1024' }, ['/size enum']],
  ['an image', 'seedream-4', { ...text, image_urls: images(1) }, ['/image_urls forbids']],
  ['a long prompt', 'seedream-4', { prompt: 'a'.repeat(5001) }, ['/prompt maxLength']],
  ['ten images, five files', 'seedream-4-edit', { ...text, image_urls: images(10), n: 5 }, 'image-edit'],
  [
    'ten images, six files',
    'seedream-4-edit',
    { ...text, image_urls: images(10), n: 6 },
    ['/image_urls sum'],
  ],
  ['one image, fifteen files', 'seedream-4-edit', { ...text, image_urls: images(1), n: 15 }, ['/n sum']],
  ['ten images, n left out', 'seedream-4-edit', { ...text, image_urls: images(10) }, 'image-edit'],
  ['eleven images', 'seedream-4-edit', { ...text, image_urls: images(11) }, ['/image_urls maxItems']],
];

describe('seedream-4', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(imageKind(), model, input)).toEqual(expected);
  });
});
