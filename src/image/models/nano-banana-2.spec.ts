import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { imageKind } from '../image.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A red bicycle' };
const edit = { ...text, image_urls: [url('a.png')] };
const newer = { resolution: '0.5K', size: '8:1', google_search: true, seed: 7 };

const cases: readonly Case[] = [
  ...['nano-banana-2', 'nano-banana-2-official'].flatMap((model): readonly Case[] => [
    ['only a prompt', model, text, 'text-to-image'],
    ['what the newer schema adds', model, { ...text, ...newer, output_format: 'webp' }, 'text-to-image'],
    ['an image', model, edit, ['/image_urls forbids']],
    ['a long prompt', model, { prompt: 'a'.repeat(20_001) }, ['/prompt maxLength']],
    ['an edit', `${model}-edit`, { ...edit, ...newer, output_format: 'jpeg' }, 'image-edit'],
    [
      'fifteen images',
      `${model}-edit`,
      { ...text, image_urls: Array(15).fill(url('a.png')) },
      ['/image_urls maxItems'],
    ],
  ]),
  ['jpg', 'nano-banana-2', { ...text, output_format: 'jpg' }, ['/output_format enum']],
  ['jpg', 'nano-banana-2-edit', { ...edit, output_format: 'jpg' }, ['/output_format enum']],
  ['jpg', 'nano-banana-2-official', { ...text, output_format: 'jpg' }, 'text-to-image'],
  ['jpg', 'nano-banana-2-official-edit', { ...edit, output_format: 'jpg' }, 'image-edit'],
  [
    'the older schema',
    'nano-banana-2-new',
    { ...text, resolution: '4K', size: '21:9', google_search: true },
    'text-to-image',
  ],
  [
    'what the newer schema adds',
    'nano-banana-2-new',
    { ...text, ...newer, output_format: 'png' },
    ['/resolution enum', '/size enum', '/seed forbids', '/output_format forbids'],
  ],
  ['an image', 'nano-banana-2-new', edit, ['/image_urls forbids']],
  ['an edit', 'nano-banana-2-new-edit', edit, 'image-edit'],
  ['an edit with a seed', 'nano-banana-2-new-edit', { ...edit, seed: 7 }, ['/seed forbids']],
  [
    'a mask, which only the site client has',
    'nano-banana-2-new-edit',
    { ...edit, mask_url: url('mask.png') },
    ['/mask_url unknown_field'],
  ],
];

describe('nano-banana-2', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(imageKind(), model, input)).toEqual(expected);
  });
});
