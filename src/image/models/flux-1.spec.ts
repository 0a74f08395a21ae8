import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { imageKind } from '../image.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A red bicycle' };
const edit = { ...text, image_urls: [url('a.png')] };

const cases: readonly Case[] = [
  ['text', 'flux-dev', text, 'text-to-image'],
  ['an image', 'flux-dev', edit, 'image-edit'],
  ['two images', 'flux-dev', { ...text, image_urls: [url('a.png'), url('b.png')] }, ['/image_urls maxItems']],
  ['an edit with a size', 'flux-dev', { ...edit, size: '4:3' }, ['/size unknown_field']],
  ['a named size', 'flux-dev', { ...text, size: '1:1 HD' }, 'text-to-image'],
  ['a custom size', 'flux-dev', { ...text, size: '1024x768' }, 'text-to-image'],
  ['a size of neither kind', 'flux-dev', { ...text, size: '1024 x 768' }, ['/size enum']],
  ['half an image', 'flux-dev', { ...text, n: 1.5 }, ['/n type']],
  ['jpg', 'flux-dev', { ...text, output_format: 'jpg' }, ['/output_format enum']],
  ['text', 'flux-schnell', { ...text, size: '16:9', n: 2, output_format: 'jpeg' }, 'text-to-image'],
  ['an image', 'flux-schnell', edit, ['/image_urls unknown_field']],
  ['an empty prompt', 'flux-schnell', { prompt: '' }, ['/prompt required']],
];

describe('flux-1', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(imageKind({ catalogue: 'all' }), model, input)).toEqual(expected);
  });
});
