import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { musicKind } from '../music.kind.js';

const prompt = 'Slow acoustic guitar';
const lyrics = '[Verse]\nMorning';

const cases: readonly Case[] = [
  ['lyrics', 'minimax-music-2.6', { prompt, lyrics }, 'lyrics-given'],
  [
    'lyrics and flags that say the same',
    'minimax-music-2.6',
    { prompt, lyrics, is_instrumental: false, lyrics_optimizer: false },
    'lyrics-given',
  ],
  ['no lyrics', 'minimax-music-2.6', { prompt }, ['/lyrics required_unless']],
  ['empty lyrics', 'minimax-music-2.6', { prompt, lyrics: '' }, ['/lyrics required_unless']],
  ['the optimizer', 'minimax-music-2.6', { prompt, lyrics_optimizer: true }, 'lyrics-generated'],
  [
    'the optimizer and lyrics',
    'minimax-music-2.6',
    { prompt, lyrics, lyrics_optimizer: true },
    'lyrics-generated',
  ],
  ['an instrumental', 'minimax-music-2.6', { prompt, is_instrumental: true }, 'instrumental'],
  [
    'an instrumental with the optimizer',
    'minimax-music-2.6',
    { prompt, is_instrumental: true, lyrics_optimizer: true },
    'instrumental',
  ],
  [
    'a flag as text',
    'minimax-music-2.6',
    { prompt, lyrics, is_instrumental: 'no' },
    ['/is_instrumental no_mode', '/is_instrumental type'],
  ],
  [
    'the other flag as text',
    'minimax-music-2.6',
    { prompt, lyrics, lyrics_optimizer: 'no' },
    ['/lyrics_optimizer no_mode', '/lyrics_optimizer type'],
  ],
  ['an empty audio setting', 'minimax-music-2.6', { prompt, lyrics, audio_setting: {} }, 'lyrics-given'],
  [
    'an audio setting with a wrong and an unknown key',
    'minimax-music-2.6',
    { prompt, lyrics, audio_setting: { sample_rate: 48_000, formt: 'mp3' } },
    ['/audio_setting/sample_rate enum', '/audio_setting/formt unknown_field'],
  ],
  [
    'an audio setting as text',
    'minimax-music-2.6',
    { prompt, lyrics, audio_setting: 'mp3' },
    ['/audio_setting type'],
  ],
  ['a prompt that is too short', 'minimax-music-2.6', { prompt: 'Slow', lyrics }, ['/prompt minLength']],
];

describe('minimax-music', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(musicKind(), model, input)).toEqual(expected);
  });
});
