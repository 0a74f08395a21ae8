import { defineFamily, MediaUrl, mode, OneOf, Reference, Text } from '../../shared/validation/index.js';

/*
 * What goes with a song: lyrics, a cover picture, a persona, stems, other formats, a video. The ids are in the source of
 * APIDot's web site; fields come from PoYo.
 *
 * Where sources differ, PoYo's schema is followed, which is newer; callers do well to try before relying on it:
 * - boost-music-style: content (site client: style);
 * - generate-music-cover: task_id alone (site client: with audio_id);
 * - generate-persona: name and description required (site client: neither known);
 * - generate-midi: feature_code (site client: audio_id), of which only the value generate-midi is shown.
 *
 * Lyrics, personas, timestamps and styles are answered in words (`lyrics`, `persona_id`, `timestamped_lyrics` and
 * `enhanced_style` of the music detail), not as a file. How many stems stem-split and upload-and-separate-vocals yield, and
 * under which names, is not published; nor is how many pictures a cover has: one is expected.
 *
 * generate-persona makes one persona per track: repeating it for the same track is refused with 409 (PoYo).
 */

/** A track made by an earlier task. */
export class MusicTrack {
  @Reference('task')
  task_id: string;

  @Reference('audio')
  audio_id: string;
}

export class BoostMusicStyle {
  @Text()
  content: string;
}

export class MusicCover {
  @Reference('task')
  task_id: string;
}

/** A voice for later songs, taken from a track. */
export class MusicPersona extends MusicTrack {
  @Text()
  name: string;

  @Text()
  description: string;
}

export class Lyrics {
  @Text({ max: 1500, about: 'At most 200 words, which is not checked.' })
  prompt: string;
}

const STEMS = ['general', 'bass', 'drums', 'other', 'piano', 'guitar', 'vocals'] as const;

export class SeparateUploadedVocals {
  @MediaUrl()
  audio_url: string;

  @Text({ optional: true })
  title?: string;

  @OneOf(['base', 'enhanced', 'instrumental'], { default: 'base' })
  model_name?: 'base' | 'enhanced' | 'instrumental';

  @OneOf(STEMS, { default: 'general' })
  output_type?: (typeof STEMS)[number];
}

export class MusicVideo extends MusicTrack {
  @Text({ max: 50, optional: true })
  author?: string;

  @Text({ max: 50, optional: true })
  domain_name?: string;
}

export class Midi {
  @Reference('task')
  task_id: string;

  @Text({ about: 'Only the value generate-midi is known.' })
  feature_code: string;
}

const words = { fileType: 'text', count: 1 };
const audio = (count: number | null) => ({ fileType: 'audio', count });

const task_id = 'task-unified-1757165031-uyujaw3d';
const track = { task_id, audio_id: '0f3c6c1e-0000-4000-8000-000000000001' };

export const musicTools = defineFamily('music-tools', 'apidot-client-code', {
  'get-timestamped-lyrics': [mode('default', MusicTrack, { example: track, result: words })],
  'boost-music-style': [
    mode('default', BoostMusicStyle, { example: { content: 'Folk, accordion, brisk' }, result: words }),
  ],
  'generate-music-cover': [
    mode('default', MusicCover, { example: { task_id }, result: { fileType: 'image', count: 1 } }),
  ],
  'generate-persona': [
    mode('default', MusicPersona, {
      example: { ...track, name: 'Quiet singer', description: 'Soft low voice with piano' },
      result: words,
    }),
  ],
  'generate-lyrics': [
    mode('default', Lyrics, { example: { prompt: 'A song about growing up by the sea' }, result: words }),
  ],
  'convert-to-wav': [mode('default', MusicTrack, { example: track, result: audio(1) })],
  'separate-vocals': [mode('default', MusicTrack, { example: track, result: audio(2) })],
  'stem-split': [mode('default', MusicTrack, { example: track, result: audio(null) })],
  'upload-and-separate-vocals': [
    mode('default', SeparateUploadedVocals, {
      example: {
        audio_url: 'https://example.com/inputs/song.mp3',
        model_name: 'base',
        output_type: 'general',
      },
      result: audio(null),
    }),
  ],
  'create-music-video': [
    mode('default', MusicVideo, {
      example: { ...track, author: 'A. Rider' },
      result: { fileType: 'video', count: 1 },
    }),
  ],
  'generate-midi': [
    mode('default', Midi, {
      example: { task_id, feature_code: 'generate-midi' },
      result: { fileType: 'file', count: 1 },
    }),
  ],
});
