import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const image = 'https://example.com/inputs/a.png';
const text = { prompt: 'A red bicycle' };

const cases: readonly Case[] = [
  ...['sora-2-official', 'sora-2-pro-official'].flatMap((model): readonly Case[] => [
    ['text', model, text, 'text-to-video'],
    ['an image', model, { ...text, image_urls: [image] }, 'image-to-video'],
    ['two images', model, { ...text, image_urls: [image, image] }, ['/image_urls maxItems']],
    ['twenty seconds', model, { ...text, duration: 20 }, 'text-to-video'],
    ['ten seconds', model, { ...text, duration: 10 }, ['/duration enum']],
    ['ratio auto without an image', model, { ...text, aspect_ratio: 'auto' }, ['/aspect_ratio enum']],
  ]),
  ['a resolution', 'sora-2-official', { ...text, resolution: '1080p' }, ['/resolution forbids']],
  [
    'a resolution and an image',
    'sora-2-official',
    { ...text, resolution: '1080p', image_urls: [image] },
    ['/resolution forbids'],
  ],
  [
    'ratio auto and an image',
    'sora-2-official',
    { ...text, aspect_ratio: 'auto', image_urls: [image] },
    ['/aspect_ratio enum'],
  ],
  ['a resolution', 'sora-2-pro-official', { ...text, resolution: '1080p' }, 'text-to-video'],
  [
    'ratio auto and an image',
    'sora-2-pro-official',
    { ...text, aspect_ratio: 'auto', image_urls: [image] },
    'image-to-video',
  ],
];

describe('sora-2-official', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind(), model, input)).toEqual(expected);
  });
});
