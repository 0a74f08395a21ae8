import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { musicKind } from '../music.kind.js';

const upload_url = 'https://example.com/inputs/song.mp3';
const described = { mv: 'V5', prompt: '[Verse]', style: 'Folk', title: 'Tram' };

const inherit = { default_param_flag: false, audio_id: 'a-1', mv: 'V5' };
const extend = { default_param_flag: true, audio_id: 'a-1', continue_at: 60, ...described };
const cover = { upload_url, custom_mode: true, instrumental: false, ...described };
const simpleCover = { upload_url, custom_mode: false, instrumental: false, mv: 'V5', prompt: 'A jazz take' };
const uploaded = { upload_url, default_param_flag: false, instrumental: false, continue_at: 60, mv: 'V5' };
const band = { upload_url, title: 'Backing', tags: 'piano', negative_tags: 'metal' };
const voice = { upload_url, prompt: 'The last tram', title: 'Tram', style: 'Pop', negative_tags: 'rap' };
const section = {
  task_id: 't-1',
  audio_id: 'a-1',
  prompt: 'Louder',
  tags: 'pop',
  title: 'Tram',
  infill_start_s: 30,
  infill_end_s: 60,
  full_lyrics: '[Verse]',
};

const cases: readonly Case[] = [
  ['going on as it was', 'extend-music', inherit, 'inherit'],
  [
    'a description that would not be read',
    'extend-music',
    { ...inherit, style: 'Folk', continue_at: 60 },
    ['/continue_at forbids', '/style forbids'],
  ],
  ['going on differently', 'extend-music', extend, 'custom'],
  [
    'no place to go on from',
    'extend-music',
    { ...extend, continue_at: undefined },
    ['/continue_at required'],
  ],
  [
    'no flag',
    'extend-music',
    { ...inherit, default_param_flag: undefined },
    ['/default_param_flag no_mode', '/default_param_flag required'],
  ],
  ['a version that only the site client knows', 'extend-music', { ...inherit, mv: 'V3_5' }, ['/mv enum']],
  [
    "a long description on V4's successors",
    'extend-music',
    { ...extend, prompt: 'a'.repeat(5000), style: 'a'.repeat(1000), title: 'a'.repeat(100) },
    'custom',
  ],
  [
    'a long description on V4',
    'extend-music',
    { ...extend, mv: 'V4', prompt: 'a'.repeat(3001), style: 'a'.repeat(201), title: 'a'.repeat(81) },
    ['/prompt maxLength', '/style maxLength', '/title maxLength'],
  ],
  [
    'a long description on V4_5ALL, where only the title is short',
    'upload-and-cover-audio',
    { ...cover, mv: 'V4_5ALL', prompt: 'a'.repeat(3001), style: 'a'.repeat(201), title: 'a'.repeat(81) },
    ['/title maxLength'],
  ],
  ['a cover from one sentence', 'upload-and-cover-audio', simpleCover, 'simple'],
  ['a style for it', 'upload-and-cover-audio', { ...simpleCover, style: 'Jazz' }, ['/style forbids']],
  [
    'a described cover',
    'upload-and-cover-audio',
    { ...cover, vocal_gender: 'm', audio_weight: 0.29 },
    'custom',
  ],
  ['a cover of nothing', 'upload-and-cover-audio', { ...cover, upload_url: 'song.mp3' }, ['/upload_url url']],
  ['an upload going on as it was', 'upload-and-extend-audio', uploaded, 'inherit'],
  ['the same with a style', 'upload-and-extend-audio', { ...uploaded, style: 'Folk' }, 'inherit'],
  [
    'an upload going on differently, without saying how',
    'upload-and-extend-audio',
    { ...uploaded, default_param_flag: true },
    ['/style required', '/title required', '/prompt requires'],
  ],
  [
    'the same without vocals, which needs no lyrics',
    'upload-and-extend-audio',
    { ...uploaded, default_param_flag: true, instrumental: true, style: 'Folk', title: 'Tram' },
    'custom',
  ],
  ['a band', 'add-instrumental', band, 'from-upload'],
  ['a band on V4', 'add-instrumental', { ...band, mv: 'V4' }, ['/mv enum']],
  ["the site client's way", 'add-instrumental', { ...band, task_id: 't-1' }, ['/task_id unknown_field']],
  ['a voice', 'add-vocals', { ...voice, vocal_gender: 'f' }, 'from-upload'],
  ['a voice that is neither', 'add-vocals', { ...voice, vocal_gender: 'none' }, ['/vocal_gender enum']],
  ['a section', 'replace-section', section, 'default'],
  ['no length', 'replace-section', { ...section, infill_end_s: 30 }, ['/infill_end_s compare']],
  ['before the start', 'replace-section', { ...section, infill_start_s: -1 }, ['/infill_start_s min']],
];

describe('music-edit', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(musicKind(), model, input)).toEqual(expected);
  });

  it('names the tracks and tasks it refers to', () => {
    const model = musicKind().models.find((each) => each.model === 'replace-section')!;
    expect(model.check(section)).toMatchObject({
      references: [
        { pointer: '/input/task_id', kind: 'task', value: 't-1' },
        { pointer: '/input/audio_id', kind: 'audio', value: 'a-1' },
      ],
    });
  });
});
