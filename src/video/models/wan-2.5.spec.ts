import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const text = { prompt: 'A red bicycle' };
const image = { ...text, image_urls: ['https://example.com/inputs/a.png'] };

const cases: readonly Case[] = [
  ['text', 'wan2.5-text-to-video', text, 'text-to-video'],
  ['fifteen seconds', 'wan2.5-text-to-video', { ...text, duration: 15 }, ['/duration enum']],
  ['a size in pixels', 'wan2.5-text-to-video', { ...text, aspect_ratio: '1080*1920' }, 'text-to-video'],
  ['a ratio', 'wan2.5-text-to-video', { ...text, aspect_ratio: '16:9' }, ['/aspect_ratio enum']],
  ['audio true', 'wan2.5-text-to-video', { ...text, audio: true }, ['/audio type']],
  ['a resolution', 'wan2.5-text-to-video', { ...text, resolution: '720p' }, ['/resolution unknown_field']],
  ['a prompt that would be cut', 'wan2.5-text-to-video', { prompt: 'x'.repeat(1501) }, ['/prompt maxLength']],
  ['an image', 'wan2.5-image-to-video', { ...image, resolution: '1080p' }, 'image-to-video'],
  ['audio true', 'wan2.5-image-to-video', { ...image, audio: true }, ['/audio type']],
  ['a size', 'wan2.5-image-to-video', { ...image, aspect_ratio: '832*480' }, ['/aspect_ratio unknown_field']],
];

describe('wan-2.5', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind(), model, input)).toEqual(expected);
  });
});
