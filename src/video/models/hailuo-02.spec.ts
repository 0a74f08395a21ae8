import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const text = { prompt: 'A red bicycle' };
const image = 'https://example.com/inputs/a.png';
const frames = { image_urls: [image], end_image_url: image };

const cases: readonly Case[] = [
  ['text', 'hailuo-02', { ...text, duration: 10 }, 'text-to-video'],
  [
    'text with a resolution and a closing frame',
    'hailuo-02',
    { ...text, resolution: '768P', end_image_url: image },
    ['/resolution forbids', '/end_image_url forbids'],
  ],
  ['an image in 512P', 'hailuo-02', { ...text, image_urls: [image], resolution: '512P' }, 'image-to-video'],
  [
    'a small p, as hailuo-2.3 writes it',
    'hailuo-02',
    { ...text, image_urls: [image], resolution: '768p' },
    ['/resolution enum'],
  ],
  ['a closing frame in 512P', 'hailuo-02', { ...text, ...frames, resolution: '512P' }, ['/resolution enum']],
  ['a closing frame in 768P', 'hailuo-02', { ...text, ...frames, resolution: '768P' }, 'image-to-video'],
  ['a closing frame without a resolution', 'hailuo-02', { ...text, ...frames }, 'image-to-video'],
  ['text', 'hailuo-02-pro', { ...text, prompt_optimizer: false }, 'text-to-video'],
  [
    'text with a closing frame',
    'hailuo-02-pro',
    { ...text, end_image_url: image },
    ['/end_image_url forbids'],
  ],
  ['two frames', 'hailuo-02-pro', { ...text, ...frames }, 'image-to-video'],
  [
    'a duration and a resolution',
    'hailuo-02-pro',
    { ...text, ...frames, duration: 6, resolution: '768P' },
    ['/duration forbids', '/resolution forbids'],
  ],
  ['a prompt that is too long', 'hailuo-02-pro', { prompt: 'a'.repeat(1501) }, ['/prompt maxLength']],
];

describe('hailuo-02', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind(), model, input)).toEqual(expected);
  });
});
