import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const image = 'https://example.com/inputs/a.png';
const text = { prompt: 'A red bicycle' };

const cases: readonly Case[] = [
  ['text', 'wan2.2-text-to-video-fast', text, 'text-to-video'],
  [
    'a ratio of the site client',
    'wan2.2-text-to-video-fast',
    { ...text, aspect_ratio: '1:1' },
    ['/aspect_ratio enum'],
  ],
  ['the longest prompt', 'wan2.2-text-to-video-fast', { prompt: 'x'.repeat(800) }, 'text-to-video'],
  [
    'a prompt that would be cut',
    'wan2.2-text-to-video-fast',
    { prompt: 'x'.repeat(801) },
    ['/prompt maxLength'],
  ],
  ['two frames', 'wan2.2-image-to-video-fast', { ...text, image_urls: [image, image] }, 'image-to-video'],
  ['no frame', 'wan2.2-image-to-video-fast', text, ['/image_urls required']],
  [
    'a ratio beside a frame',
    'wan2.2-image-to-video-fast',
    { ...text, image_urls: [image], aspect_ratio: '16:9' },
    ['/aspect_ratio unknown_field'],
  ],
];

describe('wan-2.2', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind(), model, input)).toEqual(expected);
  });
});
