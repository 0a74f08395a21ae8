import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const text = { prompt: 'A red bicycle' };
const images = (count: number) => ({
  image_urls: Array<string>(count).fill('https://example.com/inputs/a.webp'),
});
const video = { ...text, video_urls: ['https://example.com/inputs/a.mp4'] };

const cases: readonly Case[] = [
  ['text', 'omni-flash', text, 'text-to-video'],
  ['ten seconds', 'omni-flash', { ...text, duration: 10 }, 'text-to-video'],
  ['five seconds', 'omni-flash', { ...text, duration: 5 }, ['/duration enum']],
  ['one image', 'omni-flash', { ...text, ...images(1) }, 'image-to-video'],
  ['two images', 'omni-flash', { ...text, ...images(2) }, ['/image_urls counts']],
  ['three images', 'omni-flash', { ...text, ...images(3) }, 'image-to-video'],
  ['four images', 'omni-flash', { ...text, ...images(4) }, ['/image_urls counts']],
  ['a video', 'omni-flash', video, 'video-to-video'],
  ['a video and a duration', 'omni-flash', { ...video, duration: 6 }, ['/duration forbids']],
  ['a video and no images', 'omni-flash', { ...video, ...images(0) }, 'video-to-video'],
  ['a video and three images', 'omni-flash', { ...video, ...images(3) }, 'video-to-video'],
  ['a video and two images', 'omni-flash', { ...video, ...images(2) }, ['/image_urls counts']],
];

describe('omni-flash', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind(), model, input)).toEqual(expected);
  });
});
