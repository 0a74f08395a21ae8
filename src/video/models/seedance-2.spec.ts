import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A red bicycle', duration: 5, resolution: '720p' };
const image = [url('a.png')];
const video = [url('a.mp4')];
const audio = [url('a.mp3')];

const cases: readonly Case[] = [
  ['text', 'seedance-2', text, 'text-to-video'],
  ['one frame', 'seedance-2', { ...text, image_urls: image }, 'frames-to-video'],
  ['two frames', 'seedance-2', { ...text, image_urls: [...image, ...image] }, 'frames-to-video'],
  [
    'three frames',
    'seedance-2',
    { ...text, image_urls: [...image, ...image, ...image] },
    ['/image_urls maxItems'],
  ],
  ['an image as reference', 'seedance-2', { ...text, reference_image_urls: image }, 'reference-to-video'],
  ['a video as reference', 'seedance-2', { ...text, reference_video_urls: video }, 'reference-to-video'],
  [
    'only audio as reference',
    'seedance-2',
    { ...text, reference_audio_urls: audio },
    ['/reference_image_urls one_of'],
  ],
  [
    'audio beside a video',
    'seedance-2',
    { ...text, reference_audio_urls: audio, reference_video_urls: video },
    'reference-to-video',
  ],
  [
    'frames with references',
    'seedance-2',
    { ...text, image_urls: image, reference_video_urls: video },
    ['/reference_video_urls exclusive'],
  ],
  [
    'twelve references',
    'seedance-2',
    { ...text, reference_image_urls: Array(9).fill(image[0]), reference_video_urls: Array(3).fill(video[0]) },
    'reference-to-video',
  ],
  [
    'thirteen references',
    'seedance-2',
    {
      ...text,
      reference_image_urls: Array(9).fill(image[0]),
      reference_video_urls: Array(3).fill(video[0]),
      reference_audio_urls: audio,
    },
    ['/reference_image_urls sum'],
  ],
  ['the shortest and the longest', 'seedance-2', { ...text, duration: 4 }, 'text-to-video'],
  ['too short', 'seedance-2', { ...text, duration: 3 }, ['/duration min']],
  ['half a second', 'seedance-2', { ...text, duration: 4.5 }, ['/duration type']],
  ['a duration as text', 'seedance-2', { ...text, duration: '5' }, ['/duration type']],
  [
    'ratio auto, which only PoYo has',
    'seedance-2',
    { ...text, aspect_ratio: 'auto' },
    ['/aspect_ratio enum'],
  ],
  ['a seed, which is not documented', 'seedance-2', { ...text, seed: 7 }, ['/seed unknown_field']],
  ['1080p', 'seedance-2', { ...text, resolution: '1080p' }, 'text-to-video'],
  ['1080p', 'seedance-2-fast', { ...text, resolution: '1080p' }, ['/resolution enum']],
  [
    '1080p with frames',
    'seedance-2-fast',
    { ...text, resolution: '1080p', image_urls: image },
    ['/resolution enum'],
  ],
  [
    '1080p with references',
    'seedance-2-fast',
    { ...text, resolution: '1080p', reference_image_urls: image },
    ['/resolution enum'],
  ],
  [
    'a frame in the house',
    'seedance-2-fast',
    { ...text, image_urls: ['http://192.168.1.7/a.png'] },
    ['/image_urls/0 private_host'],
  ],
];

describe('seedance-2', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind(), model, input)).toEqual(expected);
  });
});
