import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { imageKind } from '../image.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A red bicycle' };
const images = (count: number) => Array<string>(count).fill(url('a.png'));

const cases: readonly Case[] = [
  ['only a prompt', 'seedream-5.0-lite', text, 'text-to-image'],
  ['a tier', 'seedream-5.0-lite', { ...text, size: '3K' }, 'text-to-image'],
  ['a tier of another model', 'seedream-5.0-lite', { ...text, size: '4K' }, ['/size enum']],
  ['a ratio', 'seedream-5.0-lite', { ...text, size: '21:9' }, 'text-to-image'],
  ['pixels as text', 'seedream-5.0-lite', { ...text, size: '2304 X 1728' }, 'text-to-image'],
  [
    'pixels as an object',
    'seedream-5.0-lite',
    { ...text, size: { width: 2304, height: 1728 } },
    'text-to-image',
  ],
  ['half an object', 'seedream-5.0-lite', { ...text, size: { width: 2304 } }, ['/size/height required']],
  [
    'pixels with a part',
    'seedream-5.0-lite',
    { ...text, size: { width: 2304.5, height: 1728 } },
    ['/size/width type'],
  ],
  ['a size as a number', 'seedream-5.0-lite', { ...text, size: 2304 }, ['/size type']],
  ['sixteen files', 'seedream-5.0-lite', { ...text, n: 16 }, ['/n max']],
  ['a seed', 'seedream-5.0-lite', { ...text, seed: 7 }, ['/seed forbids']],
  ['a seed', 'seedream-5.0-lite-edit', { ...text, image_urls: images(1), seed: 7 }, ['/seed forbids']],
  ['a prompt that is too short', 'seedream-5.0-lite', { prompt: 'ab' }, ['/prompt minLength']],
  ['a long prompt', 'seedream-5.0-lite', { prompt: 'a'.repeat(3001) }, ['/prompt maxLength']],
  ['an image', 'seedream-5.0-lite', { ...text, image_urls: images(1) }, ['/image_urls forbids']],
  [
    'ten images, five files',
    'seedream-5.0-lite-edit',
    { ...text, image_urls: images(10), n: 5 },
    'image-edit',
  ],
  [
    'ten images, six files',
    'seedream-5.0-lite-edit',
    { ...text, image_urls: images(10), n: 6 },
    ['/image_urls sum'],
  ],
  ['eleven images', 'seedream-5.0-lite-edit', { ...text, image_urls: images(11) }, ['/image_urls maxItems']],
];

describe('seedream-5.0-lite', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(imageKind(), model, input)).toEqual(expected);
  });
});
