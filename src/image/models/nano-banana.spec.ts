import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { imageKind } from '../image.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A red bicycle' };
const edit = { ...text, image_urls: [url('a.png')] };

const cases: readonly Case[] = [
  ['only a prompt', 'nano-banana', text, 'text-to-image'],
  ['a ratio', 'nano-banana', { ...text, size: '4:5' }, 'text-to-image'],
  ['size auto', 'nano-banana', { ...text, size: 'auto' }, ['/size enum']],
  ['an image', 'nano-banana', edit, ['/image_urls forbids']],
  ['a resolution', 'nano-banana', { ...text, resolution: '1K' }, ['/resolution unknown_field']],
  ['a long prompt', 'nano-banana', { prompt: 'a'.repeat(5001) }, ['/prompt maxLength']],
  ['an edit', 'nano-banana-edit', edit, 'image-edit'],
  ['no image', 'nano-banana-edit', { ...text, image_urls: [] }, ['/image_urls minItems']],
  [
    'many images, no bound is published',
    'nano-banana-edit',
    { ...text, image_urls: Array(20).fill(url('a.png')) },
    'image-edit',
  ],
];

describe('nano-banana', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(imageKind(), model, input)).toEqual(expected);
  });
});
