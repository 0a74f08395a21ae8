import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const video = 'https://example.com/inputs/a.mp4';
const languages = { source_language: 'en', target_language: 'zh' };
const translate = { ...languages, video_urls: [video] };

const cases: readonly Case[] = [
  ['two languages', 'poyo-ai/video-translator', translate, 'video-translate'],
  [
    'two videos',
    'poyo-ai/video-translator',
    { ...languages, video_urls: [video, video] },
    ['/video_urls maxItems'],
  ],
  [
    'a switch as a boolean',
    'poyo-ai/video-translator',
    { ...translate, wy_need_text: true },
    ['/wy_need_text type'],
  ],
  [
    'a switch of 2',
    'poyo-ai/video-translator',
    { ...translate, remove_bg_audio: 2 },
    ['/remove_bg_audio enum'],
  ],
  [
    'no target',
    'poyo-ai/video-translator',
    { ...translate, target_language: '' },
    ['/target_language required'],
  ],
  ['a video', 'poyo-ai/video-background-removal', { video_url: video }, 'video-background-removal'],
  [
    'a colour in small letters',
    'poyo-ai/video-background-removal',
    { video_url: video, background_color: 'black' },
    ['/background_color enum'],
  ],
  ['a video', 'poyo-ai/video-upscaler', { video_url: video, scale: 1.5 }, 'video-upscale'],
  ['nine times', 'poyo-ai/video-upscaler', { video_url: video, scale: 9 }, ['/scale max']],
];

describe('poyo-ai', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind({ catalogue: 'all' }), model, input)).toEqual(expected);
  });
});
