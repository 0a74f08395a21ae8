import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { imageKind } from '../image.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A red bicycle' };
const images = (count: number) => Array<string>(count).fill(url('a.png'));

const cases: readonly Case[] = [
  ['only a prompt', 'seedream-4.5', text, 'text-to-image'],
  ['a tier', 'seedream-4.5', { ...text, size: '4K' }, 'text-to-image'],
  ['a tier of another model', 'seedream-4.5', { ...text, size: '3K' }, ['/size enum']],
  ['a ratio', 'seedream-4.5', { ...text, size: '21:9' }, 'text-to-image'],
  ['pixels as text', 'seedream-4.5', { ...text, size: '2304 X 1728' }, 'text-to-image'],
  ['pixels as an object', 'seedream-4.5', { ...text, size: { width: 2304, height: 1728 } }, 'text-to-image'],
  ['half an object', 'seedream-4.5', { ...text, size: { width: 2304 } }, ['/size/height required']],
  [
    'pixels with a part',
    'seedream-4.5',
    { ...text, size: { width: 2304.5, height: 1728 } },
    ['/size/width type'],
  ],
  ['a size as a number', 'seedream-4.5', { ...text, size: 2304 }, ['/size type']],
  ['sixteen files', 'seedream-4.5', { ...text, n: 16 }, ['/n max']],
  [
    'fields of other models',
    'seedream-4.5',
    { ...text, seed: 7, resolution: '2K', output_format: 'png', elements: [] },
    ['/resolution forbids', '/seed forbids', '/output_format forbids', '/elements forbids'],
  ],
  ['a long prompt', 'seedream-4.5', { prompt: 'a'.repeat(3001) }, ['/prompt maxLength']],
  ['an image', 'seedream-4.5', { ...text, image_urls: images(1) }, ['/image_urls forbids']],
  ['ten images, five files', 'seedream-4.5-edit', { ...text, image_urls: images(10), n: 5 }, 'image-edit'],
  [
    'ten images, six files',
    'seedream-4.5-edit',
    { ...text, image_urls: images(10), n: 6 },
    ['/image_urls sum'],
  ],
  ['eleven images', 'seedream-4.5-edit', { ...text, image_urls: images(11) }, ['/image_urls maxItems']],
];

describe('seedream-4.5', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(imageKind(), model, input)).toEqual(expected);
  });
});
