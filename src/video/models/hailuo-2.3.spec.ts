import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const text = { prompt: 'A red bicycle' };
const image = { ...text, start_image_url: 'https://example.com/inputs/a.png' };

const cases: readonly Case[] = [
  ['text', 'hailuo-2.3', { ...text, duration: 10 }, 'text-to-video'],
  ['an image', 'hailuo-2.3', image, 'image-to-video'],
  ['1080p without a duration', 'hailuo-2.3', { ...text, resolution: '1080p' }, 'text-to-video'],
  ['ten seconds in 1080p', 'hailuo-2.3', { ...text, resolution: '1080p', duration: 10 }, ['/duration enum']],
  [
    'an image, ten seconds in 1080p',
    'hailuo-2.3',
    { ...image, resolution: '1080p', duration: 10 },
    ['/duration enum'],
  ],
  [
    'a capital P, as hailuo-02 writes it',
    'hailuo-2.3',
    { ...text, resolution: '768P' },
    ['/resolution enum'],
  ],
  [
    "hailuo-02's name of the image",
    'hailuo-2.3',
    { ...text, image_urls: ['https://example.com/inputs/a.png'] },
    ['/image_urls unknown_field'],
  ],
];

describe('hailuo-2.3', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind(), model, input)).toEqual(expected);
  });
});
