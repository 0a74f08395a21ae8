import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { imageKind } from '../image.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A red bicycle' };
const images = (count: number) => Array<string>(count).fill(url('a.png'));

const cases: readonly Case[] = [
  ['text', 'grok-imagine-image', { ...text, size: '2:3' }, 'text-to-image'],
  ['an image', 'grok-imagine-image', { ...text, image_urls: images(1) }, 'image-edit'],
  ['two images', 'grok-imagine-image', { ...text, image_urls: images(2) }, ['/image_urls maxItems']],
  ['a long prompt', 'grok-imagine-image', { prompt: 'a'.repeat(5001) }, ['/prompt maxLength']],
  [
    'fields of the quality model',
    'grok-imagine-image',
    { ...text, aspect_ratio: '1:1', n: 2 },
    ['/aspect_ratio unknown_field', '/n unknown_field'],
  ],
  ['a long prompt', 'grok-imagine-image-quality', { prompt: 'a'.repeat(5001) }, 'text-to-image'],
  ['size', 'grok-imagine-image-quality', { ...text, size: '1:1' }, ['/size unknown_field']],
  ['many files, no bound is published', 'grok-imagine-image-quality', { ...text, n: 40 }, 'text-to-image'],
  ['no file', 'grok-imagine-image-quality', { ...text, n: 0 }, ['/n min']],
  ['4K', 'grok-imagine-image-quality', { ...text, resolution: '4K' }, ['/resolution enum']],
  ['jpg', 'grok-imagine-image-quality', { ...text, output_format: 'jpg' }, 'text-to-image'],
  ['three images', 'grok-imagine-image-quality', { ...text, image_urls: images(3) }, 'image-edit'],
  ['four images', 'grok-imagine-image-quality', { ...text, image_urls: images(4) }, ['/image_urls maxItems']],
  [
    'sync_mode, which only PoYo has',
    'grok-imagine-image-quality',
    { ...text, sync_mode: true },
    ['/sync_mode unknown_field'],
  ],
];

describe('grok-imagine', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(imageKind(), model, input)).toEqual(expected);
  });
});
