import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const image = 'https://example.com/inputs/a.png';
const text = { prompt: 'A red bicycle' };

const cases: readonly Case[] = [
  ['text', 'runway-gen-4.5', text, 'text-to-video'],
  ['an image', 'runway-gen-4.5', { ...text, image_urls: [image] }, 'image-to-video'],
  ['two images', 'runway-gen-4.5', { ...text, image_urls: [image, image] }, ['/image_urls maxItems']],
  [
    'a square from an image',
    'runway-gen-4.5',
    { ...text, aspect_ratio: '1:1', image_urls: [image] },
    'image-to-video',
  ],
  ['a square from text', 'runway-gen-4.5', { ...text, aspect_ratio: '1:1' }, ['/aspect_ratio enum']],
  ['the longest prompt', 'runway-gen-4.5', { prompt: 'x'.repeat(1800) }, 'text-to-video'],
  ['a longer one', 'runway-gen-4.5', { prompt: 'x'.repeat(1801) }, ['/prompt maxLength']],
  ['a negative seed', 'runway-gen-4.5', { ...text, seed: -1 }, 'text-to-video'],
];

describe('runway-gen-4.5', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind(), model, input)).toEqual(expected);
  });
});
