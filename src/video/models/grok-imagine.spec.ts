import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const text = { prompt: 'A red bicycle' };
const image = 'https://example.com/inputs/a.png';

const cases: readonly Case[] = [
  ['text', 'grok-imagine', { ...text, mode: 'spicy', duration: 10, aspect_ratio: '2:3' }, 'text-to-video'],
  ['an image', 'grok-imagine', { ...text, image_urls: [image] }, 'image-to-video'],
  ['two images', 'grok-imagine', { ...text, image_urls: [image, image] }, ['/image_urls maxItems']],
  [
    'a ratio beside an image',
    'grok-imagine',
    { ...text, image_urls: [image], aspect_ratio: '16:9' },
    ['/aspect_ratio forbids'],
  ],
  ['an empty list of images', 'grok-imagine', { ...text, image_urls: [] }, ['/image_urls unknown_field']],
  ['eight seconds', 'grok-imagine', { ...text, duration: 8 }, ['/duration enum']],
  ['an unknown mode', 'grok-imagine', { ...text, mode: 'custom' }, ['/mode enum']],
];

describe('grok-imagine', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind(), model, input)).toEqual(expected);
  });
});
