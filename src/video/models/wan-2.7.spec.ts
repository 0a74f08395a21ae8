import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const image = 'https://example.com/inputs/a.png';
const video = 'https://example.com/inputs/a.mp4';
const audio = 'https://example.com/inputs/a.mp3';
const text = { prompt: 'A red bicycle' };
const edit = { ...text, video_url: video };

const cases: readonly Case[] = [
  ['text and sound', 'wan2.7-text-to-video', { ...text, audio_url: audio }, 'text-to-video'],
  ['six seconds', 'wan2.7-text-to-video', { ...text, duration: 6 }, ['/duration enum']],
  [
    'what belongs to the other models',
    'wan2.7-text-to-video',
    {
      ...text,
      image_urls: [image],
      video_url: video,
      reference_image_urls: [image],
      reference_video_urls: [video],
      reference_image_url: image,
      multi_shots: true,
      audio_setting: 'auto',
    },
    [
      '/image_urls forbids',
      '/reference_image_urls forbids',
      '/reference_video_urls forbids',
      '/video_url forbids',
      '/reference_image_url forbids',
      '/audio_setting forbids',
      '/multi_shots forbids',
    ],
  ],
  ['two frames without a prompt', 'wan2.7-image-to-video', { image_urls: [image, image] }, 'image-to-video'],
  ['six seconds', 'wan2.7-image-to-video', { image_urls: [image], duration: 6 }, 'image-to-video'],
  [
    "a source video, which is PoYo's",
    'wan2.7-image-to-video',
    { image_urls: [image], video_url: video },
    ['/video_url forbids'],
  ],
  [
    'a ratio beside a frame',
    'wan2.7-image-to-video',
    { image_urls: [image], aspect_ratio: '16:9' },
    ['/aspect_ratio forbids'],
  ],
  [
    'reference videos',
    'wan2.7-reference-to-video',
    { ...text, reference_video_urls: [video] },
    'reference-to-video',
  ],
  ['no reference', 'wan2.7-reference-to-video', text, ['/reference_image_urls one_of']],
  [
    'eleven seconds and sound',
    'wan2.7-reference-to-video',
    { ...text, reference_image_urls: [image], duration: 11, audio_url: audio },
    ['/duration max', '/audio_url forbids'],
  ],
  ['the length of the source', 'wan2.7-edit-video', { ...edit, duration: 0 }, 'video-edit'],
  ['one second', 'wan2.7-edit-video', { ...edit, duration: 1 }, ['/duration enum']],
  ['a reference', 'wan2.7-edit-video', { ...edit, reference_image_url: image }, 'video-edit'],
  [
    'references and sound',
    'wan2.7-edit-video',
    { ...edit, reference_image_urls: [image], audio_url: audio },
    ['/reference_image_urls forbids', '/audio_url forbids'],
  ],
];

describe('wan-2.7', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind(), model, input)).toEqual(expected);
  });
});
