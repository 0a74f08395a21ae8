import {
  Compare,
  Decimal,
  defineFamily,
  equals,
  Flag,
  Forbids,
  isIn,
  MediaUrl,
  mode,
  OneOf,
  Reference,
  Requires,
  Text,
  text,
  ValueWhen,
} from '../../shared/validation/index.js';

/*
 * Songs made out of songs: longer, covered, with a voice or a band added, or with a section replaced. The ids are in the
 * source of APIDot's web site; fields come from PoYo, whose schema is newer.
 *
 * Where sources differ, PoYo's schema is followed. APIDot's site client
 * - has mv optional for extend-music, with V3_5 and without V5_5;
 * - asks upload-and-extend-audio for custom_mode instead of default_param_flag, with continue_at and mv optional and no
 *   instrumental;
 * - gives add-instrumental and add-vocals task_id and audio_id of an earlier task instead of a URL; an article of
 *   APIDot's lists a third vocal_gender, none, and has mv required for add-instrumental: callers do well to send mv;
 * - calls the bounds of replace-section start_s and end_s, with only the ids and these required.
 * PoYo contradicts itself twice: its schema gives V4's bounds of prompt, style and title for every version, its prose larger
 * ones for newer versions, which is followed; and one example of upload-and-extend-audio leaves out the style and title
 * that its prose requires in custom mode: required.
 *
 * Not published: bounds of continue_at, and of prompt, tags and styles where none stand below. That an uploaded source
 * may have 8 minutes, on V4_5ALL one, is not checked: nothing is downloaded.
 */

const VERSIONS = ['V4', 'V4_5', 'V4_5ALL', 'V4_5PLUS', 'V5', 'V5_5'] as const;
const NEWER_VERSIONS = ['V4_5PLUS', 'V5', 'V5_5'] as const;
const SOURCE = 'Up to 8 minutes, up to 1 minute on V4_5ALL.';

abstract class Weights {
  @Decimal({ min: 0, max: 1, decimals: 2, optional: true })
  style_weight?: number;

  @Decimal({ min: 0, max: 1, decimals: 2, optional: true })
  weirdness_constraint?: number;

  @Decimal({ min: 0, max: 1, decimals: 2, optional: true })
  audio_weight?: number;
}

/** What a song should be. */
@ValueWhen('prompt', text({ max: 3000 }), {
  when: equals('mv', 'V4'),
  because: 'On V4 the prompt stops at 3000 characters, elsewhere at 5000.',
})
@ValueWhen('style', text({ max: 200 }), {
  when: equals('mv', 'V4'),
  because: 'On V4 the style stops at 200 characters, elsewhere at 1000.',
})
@ValueWhen('title', text({ max: 80 }), {
  when: isIn('mv', ['V4', 'V4_5ALL']),
  because: 'On V4 and V4_5ALL the title stops at 80 characters, elsewhere at 100.',
})
abstract class Song extends Weights {
  @OneOf(VERSIONS)
  mv: (typeof VERSIONS)[number];

  @Text({ max: 5000, optional: true })
  prompt?: string;

  @Text({ max: 1000, optional: true })
  style?: string;

  @Text({ max: 100, optional: true })
  title?: string;

  @Text({ optional: true })
  negative_tags?: string;

  @OneOf(['m', 'f'], { optional: true, about: 'Has an effect with vocals only.' })
  vocal_gender?: 'm' | 'f';

  @Reference('persona', { optional: true })
  persona_id?: string;
}

abstract class DescribedSong extends Song {
  @Text({ max: 5000 })
  declare prompt: string;

  @Text({ max: 1000 })
  declare style: string;

  @Text({ max: 100 })
  declare title: string;
}

/** What only a described song has. */
const DESCRIPTION = [
  'style',
  'title',
  'negative_tags',
  'vocal_gender',
  'persona_id',
  'style_weight',
  'weirdness_constraint',
  'audio_weight',
] as const;

// ------------------------------------------------------------------------------------------ extend-music

@Forbids(['prompt', 'continue_at', ...DESCRIPTION], {
  because: 'With default_param_flag false only audio_id and mv matter; set it to true to describe the rest.',
})
export class ExtendMusicInherit {
  @Flag()
  default_param_flag: boolean;

  @Reference('audio')
  audio_id: string;

  @OneOf(VERSIONS)
  mv: (typeof VERSIONS)[number];
}

export class ExtendMusicCustom extends DescribedSong {
  @Flag()
  default_param_flag: boolean;

  @Reference('audio')
  audio_id: string;

  @Decimal({ about: 'Seconds into the source.' })
  continue_at: number;
}

// -------------------------------------------------------------------------------- upload-and-cover-audio

@Forbids(DESCRIPTION, {
  because: 'In simple mode the prompt says everything; this field belongs to custom mode.',
})
export class CoverAudioSimple {
  @MediaUrl({ about: SOURCE })
  upload_url: string;

  @Text({ max: 500 })
  prompt: string;

  @Flag()
  custom_mode: boolean;

  @Flag()
  instrumental: boolean;

  @OneOf(VERSIONS)
  mv: (typeof VERSIONS)[number];
}

export class CoverAudioCustom extends DescribedSong {
  @MediaUrl({ about: SOURCE })
  upload_url: string;

  @Flag()
  custom_mode: boolean;

  @Flag()
  instrumental: boolean;
}

// ------------------------------------------------------------------------------- upload-and-extend-audio

abstract class ExtendAudio extends Song {
  @MediaUrl({ about: SOURCE })
  upload_url: string;

  @Flag()
  default_param_flag: boolean;

  @Flag()
  instrumental: boolean;

  @Decimal({ about: 'Seconds into the source.' })
  continue_at: number;
}

/** Nothing of the description is required, and what is given is passed on. */
export class ExtendAudioInherit extends ExtendAudio {}

@Requires(['prompt'], {
  when: equals('instrumental', false),
  because: 'With vocals the prompt is the lyrics.',
})
export class ExtendAudioCustom extends ExtendAudio {
  @Text({ max: 1000 })
  declare style: string;

  @Text({ max: 100 })
  declare title: string;
}

// ----------------------------------------------------- add-instrumental, add-vocals, replace-section

abstract class Accompaniment extends Weights {
  @MediaUrl()
  upload_url: string;

  @Text({ max: 100 })
  title: string;

  @Text()
  negative_tags: string;

  @OneOf(NEWER_VERSIONS, { default: 'V4_5PLUS' })
  mv?: (typeof NEWER_VERSIONS)[number];

  @OneOf(['m', 'f'], { optional: true })
  vocal_gender?: 'm' | 'f';
}

/** A band for a voice. */
export class AddInstrumental extends Accompaniment {
  @Text()
  tags: string;
}

/** A voice for a band. */
export class AddVocals extends Accompaniment {
  @Text()
  prompt: string;

  @Text()
  style: string;
}

@Compare('infill_start_s', '<', 'infill_end_s', {
  because: 'The section ends after it starts.',
})
export class ReplaceSection {
  @Reference('task')
  task_id: string;

  @Reference('audio')
  audio_id: string;

  @Text()
  prompt: string;

  @Text()
  tags: string;

  @Text()
  title: string;

  @Decimal({ min: 0, decimals: 2, about: 'Seconds into the song.' })
  infill_start_s: number;

  @Decimal({ decimals: 2, about: 'Seconds into the song.' })
  infill_end_s: number;

  @Text()
  full_lyrics: string;

  @Text({ optional: true })
  negative_tags?: string;
}

const result = { fileType: 'audio', count: 1 };
const audio_id = '0f3c6c1e-0000-4000-8000-000000000001';
const song = 'https://example.com/inputs/song.mp3';

const whenInherit = equals('default_param_flag', false);
const whenCustom = equals('default_param_flag', true);

export const musicEdit = defineFamily('music-edit', 'apidot-client-code', {
  'extend-music': [
    mode('inherit', ExtendMusicInherit, {
      when: whenInherit,
      example: { default_param_flag: false, audio_id, mv: 'V4_5PLUS' },
      result,
    }),
    mode('custom', ExtendMusicCustom, {
      when: whenCustom,
      example: {
        default_param_flag: true,
        audio_id,
        prompt: 'Go on with a brighter chorus',
        style: 'Pop',
        title: 'Tram Line, part two',
        continue_at: 60,
        mv: 'V5_5',
      },
      result,
    }),
  ],
  'upload-and-cover-audio': [
    mode('simple', CoverAudioSimple, {
      when: equals('custom_mode', false),
      example: {
        upload_url: song,
        prompt: 'A jazz take on this song',
        custom_mode: false,
        instrumental: false,
        mv: 'V5',
      },
      result,
    }),
    mode('custom', CoverAudioCustom, {
      when: equals('custom_mode', true),
      example: {
        upload_url: song,
        prompt: '[Verse]\nNew words',
        style: 'Electronic',
        title: 'Remix',
        custom_mode: true,
        instrumental: false,
        mv: 'V5_5',
      },
      result,
    }),
  ],
  'upload-and-extend-audio': [
    mode('inherit', ExtendAudioInherit, {
      when: whenInherit,
      example: {
        upload_url: song,
        default_param_flag: false,
        instrumental: false,
        continue_at: 60,
        mv: 'V4_5PLUS',
      },
      result,
    }),
    mode('custom', ExtendAudioCustom, {
      when: whenCustom,
      example: {
        upload_url: song,
        default_param_flag: true,
        instrumental: true,
        continue_at: 60,
        mv: 'V5_5',
        style: 'Classical',
        title: 'Morning Room, longer',
      },
      result,
    }),
  ],
  'add-instrumental': [
    mode('from-upload', AddInstrumental, {
      example: {
        upload_url: 'https://example.com/inputs/vocals.mp3',
        title: 'Backing',
        tags: 'piano, calm',
        negative_tags: 'metal',
        mv: 'V5_5',
      },
      result,
    }),
  ],
  'add-vocals': [
    mode('from-upload', AddVocals, {
      example: {
        upload_url: 'https://example.com/inputs/backing.mp3',
        prompt: 'A song about the last tram',
        title: 'Last Tram',
        style: 'Pop ballad',
        negative_tags: 'rap',
        mv: 'V5_5',
      },
      result,
    }),
  ],
  'replace-section': [
    mode('default', ReplaceSection, {
      example: {
        task_id: 'task-unified-1757165031-uyujaw3d',
        audio_id,
        prompt: 'A louder chorus',
        tags: 'pop',
        title: 'Tram Line',
        infill_start_s: 30,
        infill_end_s: 60,
        full_lyrics: '[Verse]\nRain\n[Chorus]\nLouder now',
      },
      result,
    }),
  ],
});
