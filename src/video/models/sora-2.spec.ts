import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const image = 'https://example.com/inputs/a.png';
const text = { prompt: 'A red bicycle' };

const cases: readonly Case[] = [
  ...['sora-2', 'sora-2-pro'].flatMap((model): readonly Case[] => [
    ['text', model, text, 'text-to-video'],
    ['several images', model, { ...text, image_urls: [image, image, image] }, 'image-to-video'],
    ['25 seconds with a watermark', model, { ...text, duration: 25, watermark: true }, 'text-to-video'],
    ['eight seconds', model, { ...text, duration: 8 }, ['/duration enum']],
  ]),
  ['text', 'sora-2-beta', { ...text, duration: 8 }, 'text-or-image-to-video'],
  ['an image', 'sora-2-beta', { ...text, image_urls: [image] }, 'text-or-image-to-video'],
  ['two images', 'sora-2-beta', { ...text, image_urls: [image, image] }, ['/image_urls maxItems']],
  [
    'an image in the input itself',
    'sora-2-beta',
    { ...text, image_urls: ['data:image/png;base64,AA'] },
    ['/image_urls/0 url'],
  ],
  ['ten seconds', 'sora-2-beta', { ...text, duration: 10 }, ['/duration enum']],
  ['a watermark', 'sora-2-beta', { ...text, watermark: false }, ['/watermark unknown_field']],
];

describe('sora-2', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind({ catalogue: 'all' }), model, input)).toEqual(expected);
  });
});
