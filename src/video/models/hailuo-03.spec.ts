import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const ANY = 'any (mode follows the media fields)';
const text = { prompt: 'A red bicycle' };
const image = 'https://example.com/inputs/a.png';
const video = 'https://example.com/inputs/a.mp4';
const audio = 'https://example.com/inputs/a.mp3';

const cases: readonly Case[] = [
  ['text', 'hailuo-03', { ...text, aspect_ratio: 'adaptive' }, ANY],
  ['two frames', 'hailuo-03', { ...text, image_urls: [image, image] }, ANY],
  ['three frames', 'hailuo-03', { ...text, image_urls: [image, image, image] }, ['/image_urls maxItems']],
  [
    'a ratio beside a frame',
    'hailuo-03',
    { ...text, image_urls: [image], aspect_ratio: '16:9' },
    ['/aspect_ratio forbids'],
  ],
  [
    'a ratio beside references',
    'hailuo-03',
    { ...text, reference_image_urls: [image], aspect_ratio: '16:9' },
    ANY,
  ],
  [
    'frames with references',
    'hailuo-03',
    { ...text, image_urls: [image], reference_video_urls: [video] },
    ['/reference_video_urls exclusive'],
  ],
  [
    'only audio as reference',
    'hailuo-03',
    { ...text, reference_audio_urls: [audio] },
    ['/reference_image_urls one_of'],
  ],
  [
    'audio beside a video',
    'hailuo-03',
    { ...text, reference_audio_urls: [audio], reference_video_urls: [video] },
    ANY,
  ],
  ['1080p', 'hailuo-03', { ...text, resolution: '1080p' }, ['/resolution enum']],
  ['a prompt that is too long', 'hailuo-03', { prompt: 'a'.repeat(2001) }, ['/prompt maxLength']],
];

describe('hailuo-03', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind({ catalogue: 'all' }), model, input)).toEqual(expected);
  });
});
