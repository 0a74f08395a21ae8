import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const model = 'grok-imagine-video-1.5';
const text = { prompt: 'A red bicycle' };
const images = ['https://example.com/inputs/a.png'];

const atApidot: readonly Case[] = [
  ['one image', model, { ...text, image_urls: images, resolution: '480p', duration: 1 }, 'image-to-video'],
  ['two images', model, { ...text, image_urls: [...images, ...images] }, ['/image_urls maxItems']],
  ['an image in 1080p', model, { ...text, image_urls: images, resolution: '1080p' }, ['/resolution enum']],
  [
    'a ratio beside an image',
    model,
    { ...text, image_urls: images, aspect_ratio: '16:9' },
    ['/aspect_ratio unknown_field'],
  ],
  [
    'an image and references',
    model,
    { ...text, image_urls: images, reference_image_urls: images },
    ['/reference_image_urls forbids'],
  ],
  ['text, which only PoYo takes', model, text, ['/image_urls no_mode', '/image_urls required']],
  [
    'references, which only PoYo takes',
    model,
    { ...text, reference_image_urls: images },
    ['/image_urls no_mode', '/image_urls required', '/reference_image_urls forbids'],
  ],
];

const atPoyo: readonly Case[] = [
  ['text', model, { ...text, resolution: '1080p', aspect_ratio: '3:2' }, 'text-to-video'],
  [
    'seven references',
    model,
    { ...text, reference_image_urls: Array(7).fill(images[0]) },
    'reference-to-video',
  ],
  [
    'eight references',
    model,
    { ...text, reference_image_urls: Array(8).fill(images[0]) },
    ['/reference_image_urls maxItems'],
  ],
  [
    'an image and references',
    model,
    { ...text, image_urls: images, reference_image_urls: images },
    ['/reference_image_urls forbids'],
  ],
  ['sixteen seconds', model, { ...text, duration: 16 }, ['/duration max']],
];

describe('grok-imagine-video-1.5', () => {
  it.each(atApidot)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind(), model, input)).toEqual(expected);
  });

  it.each(atPoyo)('%s (%s), with the whole catalogue', (_name, model, input, expected) => {
    expect(verdictOf(videoKind({ catalogue: 'all' }), model, input)).toEqual(expected);
  });
});
