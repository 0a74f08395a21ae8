import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const text = { prompt: 'A red bicycle', sound: true, duration: 5, aspect_ratio: '16:9' };
const image = 'https://example.com/inputs/a.png';
const motion = {
  image_urls: [image],
  video_urls: ['https://example.com/inputs/a.mp4'],
  character_orientation: 'video',
  resolution: '720p',
};

const cases: readonly Case[] = [
  ['text', 'kling-2.6', text, 'text-to-video'],
  [
    'what only PoYo requires, left out',
    'kling-2.6',
    { prompt: 'A red bicycle' },
    ['/sound required', '/duration required', '/aspect_ratio required'],
  ],
  ['a ratio that only PoYo has', 'kling-2.6', { ...text, aspect_ratio: '1:1' }, ['/aspect_ratio enum']],
  [
    'a ratio that only PoYo has, with an image',
    'kling-2.6',
    { ...text, image_urls: [image], aspect_ratio: '1:1' },
    ['/aspect_ratio enum'],
  ],
  ['only a closing frame', 'kling-2.6', { ...text, end_image_url: image }, ['/end_image_url forbids']],
  ['an image with sound', 'kling-2.6', { ...text, image_urls: [image] }, 'image-to-video'],
  [
    'two frames with sound',
    'kling-2.6',
    { ...text, image_urls: [image], end_image_url: image },
    ['/sound enum'],
  ],
  [
    'two frames without sound',
    'kling-2.6',
    { ...text, sound: false, image_urls: [image], end_image_url: image },
    'image-to-video',
  ],
  ['an image and a video', 'kling-2.6-motion-control', motion, 'motion-transfer'],
  [
    'no orientation',
    'kling-2.6-motion-control',
    { ...motion, character_orientation: undefined },
    ['/character_orientation required'],
  ],
  [
    'no resolution',
    'kling-2.6-motion-control',
    { ...motion, resolution: undefined },
    ['/resolution required'],
  ],
  [
    'two videos',
    'kling-2.6-motion-control',
    { ...motion, video_urls: [image, image] },
    ['/video_urls maxItems'],
  ],
];

describe('kling-2.6', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind(), model, input)).toEqual(expected);
  });

  it('takes 1:1 where all that PoYo has is offered', () => {
    const input = { ...text, aspect_ratio: '1:1' };
    expect(verdictOf(videoKind({ catalogue: 'all' }), 'kling-2.6', input)).toBe('text-to-video');
  });
});
