import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { musicKind } from '../music.kind.js';

const task_id = 't-1';
const track = { task_id, audio_id: 'a-1' };
const upload = { audio_url: 'https://example.com/inputs/song.mp3' };

const cases: readonly Case[] = [
  ...['get-timestamped-lyrics', 'convert-to-wav', 'separate-vocals', 'stem-split'].flatMap(
    (model): readonly Case[] => [
      ['a track', model, track, 'default'],
      ['a task without the track', model, { task_id }, ['/audio_id required']],
    ],
  ),
  ['a style', 'boost-music-style', { content: 'Folk' }, 'default'],
  [
    "the site client's name of it",
    'boost-music-style',
    { style: 'Folk' },
    ['/content required', '/style unknown_field'],
  ],
  ['a task', 'generate-music-cover', { task_id }, 'default'],
  ['a track, which only the site client sends', 'generate-music-cover', track, ['/audio_id unknown_field']],
  ['a persona', 'generate-persona', { ...track, name: 'Quiet', description: 'Low' }, 'default'],
  ['a persona without a name', 'generate-persona', { ...track, description: 'Low' }, ['/name required']],
  ['a subject', 'generate-lyrics', { prompt: 'a'.repeat(1500) }, 'default'],
  ['a long subject', 'generate-lyrics', { prompt: 'a'.repeat(1501) }, ['/prompt maxLength']],
  ['an upload', 'upload-and-separate-vocals', upload, 'default'],
  [
    'a stem nobody lists',
    'upload-and-separate-vocals',
    { ...upload, output_type: 'flute' },
    ['/output_type enum'],
  ],
  ['an author', 'create-music-video', { ...track, author: 'a'.repeat(50) }, 'default'],
  ['a long author', 'create-music-video', { ...track, author: 'a'.repeat(51) }, ['/author maxLength']],
  ['a task and the feature', 'generate-midi', { task_id, feature_code: 'generate-midi' }, 'default'],
  ['a task alone', 'generate-midi', { task_id }, ['/feature_code required']],
];

describe('music-tools', () => {
  const find = (name: string) => musicKind().models.find(({ model }) => model === name)!;

  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(musicKind(), model, input)).toEqual(expected);
  });

  it('expects two files of separated vocals, and no number of stems', () => {
    expect(find('separate-vocals').check(track)).toMatchObject({ expectedFiles: 2 });
    expect(find('stem-split').check(track)).toMatchObject({ expectedFiles: null });
    expect(find('upload-and-separate-vocals').check(upload)).toMatchObject({ expectedFiles: null });
  });

  it('names the track it refers to', () => {
    expect(find('convert-to-wav').check(track)).toMatchObject({
      references: [
        { pointer: '/input/task_id', kind: 'task', value: 't-1' },
        { pointer: '/input/audio_id', kind: 'audio', value: 'a-1' },
      ],
    });
  });
});
