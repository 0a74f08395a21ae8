import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const urls = (count: number, name: string) => Array<string>(count).fill(url(name));
const text = { prompt: 'A red bicycle', duration: 4, resolution: '720p' };
const ANY = 'any (mode follows the media fields)';

const cases: readonly Case[] = [
  ['text', 'seedance-2-mini', text, ANY],
  ['ratio auto', 'seedance-2-mini', { ...text, aspect_ratio: 'auto' }, ANY],
  ['the longest', 'seedance-2-mini', { ...text, duration: 15 }, ANY],
  ['too long', 'seedance-2-mini', { ...text, duration: 16 }, ['/duration max']],
  ['1080p', 'seedance-2-mini', { ...text, resolution: '1080p' }, ['/resolution enum']],
  ['no resolution', 'seedance-2-mini', { ...text, resolution: undefined }, ANY],
  ['two frames', 'seedance-2-mini', { ...text, image_urls: urls(2, 'a.png') }, ANY],
  ['three frames', 'seedance-2-mini', { ...text, image_urls: urls(3, 'a.png') }, ['/image_urls maxItems']],
  [
    'as many references as there may be',
    'seedance-2-mini',
    {
      ...text,
      reference_image_urls: urls(9, 'a.png'),
      reference_video_urls: urls(3, 'a.mp4'),
      reference_audio_urls: urls(3, 'a.mp3'),
    },
    ANY,
  ],
  [
    'one more of each',
    'seedance-2-mini',
    {
      ...text,
      reference_image_urls: urls(10, 'a.png'),
      reference_video_urls: urls(4, 'a.mp4'),
      reference_audio_urls: urls(4, 'a.mp3'),
    },
    ['/reference_image_urls maxItems', '/reference_video_urls maxItems', '/reference_audio_urls maxItems'],
  ],
  [
    'only audio as reference',
    'seedance-2-mini',
    { ...text, reference_audio_urls: urls(1, 'a.mp3') },
    ['/reference_image_urls one_of'],
  ],
  [
    'frames with references',
    'seedance-2-mini',
    { ...text, image_urls: urls(1, 'a.png'), reference_video_urls: urls(1, 'a.mp4') },
    ['/reference_video_urls exclusive'],
  ],
  ['a seed', 'seedance-2-mini', { ...text, seed: 7 }, ['/seed unknown_field']],
];

describe('seedance-2-mini', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind({ catalogue: 'all' }), model, input)).toEqual(expected);
  });
});
