import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { imageKind } from '../image.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A red bicycle' };
const images = (count: number) => Array<string>(count).fill(url('a.png'));

const cases: readonly Case[] = [
  ['only a prompt', 'nano-banana-2-lite', text, 'text-to-image'],
  ['a very wide ratio', 'nano-banana-2-lite', { ...text, size: '8:1' }, ['/size enum']],
  ['an image', 'nano-banana-2-lite', { ...text, image_urls: images(1) }, ['/image_urls forbids']],
  ['an empty prompt', 'nano-banana-2-lite', { prompt: '' }, ['/prompt required']],
  ['fourteen images', 'nano-banana-2-lite-edit', { ...text, image_urls: images(14) }, 'image-edit'],
  [
    'fifteen images',
    'nano-banana-2-lite-edit',
    { ...text, image_urls: images(15) },
    ['/image_urls maxItems'],
  ],
];

describe('nano-banana-2-lite', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(imageKind({ catalogue: 'all' }), model, input)).toEqual(expected);
  });
});
