import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { imageKind } from '../image.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A red bicycle' };
const edit = { ...text, image_urls: [url('a.png')] };
const element = { frontal_image_url: url('front.png'), reference_image_urls: [url('side.png')] };

const cases: readonly Case[] = [
  ['an edit', 'kling-o1-image-edit', { ...edit, size: 'auto', n: 9 }, 'image-edit'],
  ['no image', 'kling-o1-image-edit', text, ['/image_urls required']],
  [
    'eleven images',
    'kling-o1-image-edit',
    { ...text, image_urls: Array(11).fill(url('a.png')) },
    ['/image_urls maxItems'],
  ],
  ['4K', 'kling-o1-image-edit', { ...edit, resolution: '4K' }, ['/resolution enum']],
  ['ten files', 'kling-o1-image-edit', { ...edit, n: 10 }, ['/n max']],
  ['an element', 'kling-o1-image-edit', { ...edit, elements: [element] }, 'image-edit'],
  [
    'elements with a wrong and an unknown part',
    'kling-o1-image-edit',
    { ...edit, elements: [element, { frontal_image_url: 'front.png', name: 'bike' }] },
    ['/elements/1/frontal_image_url url', '/elements/1/name unknown_field'],
  ],
  [
    'a series, which only the site client has',
    'kling-o1-image-edit',
    { ...edit, result_type: 'series' },
    ['/result_type unknown_field'],
  ],
  ['text', 'kling-o3-image', { ...text, resolution: '4K', elements: [element] }, 'text-to-image'],
  ['size auto without an image', 'kling-o3-image', { ...text, size: 'auto' }, ['/size enum']],
  ['an image', 'kling-o3-image', edit, ['/image_urls forbids']],
  ['jpg', 'kling-o3-image', { ...text, output_format: 'jpg' }, ['/output_format enum']],
  ['an edit', 'kling-o3-image-edit', { ...edit, size: 'auto', resolution: '4K' }, 'image-edit'],
  ['a long prompt', 'kling-o3-image-edit', { ...edit, prompt: 'a'.repeat(2001) }, ['/prompt maxLength']],
];

describe('kling-o1-image and kling-o3-image', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(imageKind(), model, input)).toEqual(expected);
  });
});
