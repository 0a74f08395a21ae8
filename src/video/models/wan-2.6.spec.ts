import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const text = { prompt: 'A red bicycle', duration: 15 };
const images = { image_urls: ['https://example.com/inputs/a.png'] };
const videos = (count: number) => ({
  video_urls: Array<string>(count).fill('https://example.com/inputs/a.mp4'),
});

const cases: readonly Case[] = [
  ['text', 'wan2.6-text-to-video', text, 'text-to-video'],
  [
    'media',
    'wan2.6-text-to-video',
    { ...text, ...images, ...videos(1) },
    ['/image_urls forbids', '/video_urls forbids'],
  ],
  ['an image', 'wan2.6-image-to-video', { ...text, ...images }, 'image-to-video'],
  ['a video as well', 'wan2.6-image-to-video', { ...text, ...images, ...videos(1) }, ['/video_urls forbids']],
  ['three videos', 'wan2.6-video-to-video', { ...text, ...videos(3), duration: 10 }, 'video-to-video'],
  ['four videos', 'wan2.6-video-to-video', { ...text, ...videos(4), duration: 5 }, ['/video_urls maxItems']],
  ['15 seconds', 'wan2.6-video-to-video', { ...text, ...videos(1) }, ['/duration enum']],
  [
    'an image as well',
    'wan2.6-video-to-video',
    { ...text, ...images, ...videos(1), duration: 5 },
    ['/image_urls forbids'],
  ],
];

describe('wan-2.6', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind(), model, input)).toEqual(expected);
  });
});
