import { type MediaFormat } from '../media/media-file.js';

export type Domain = 'image' | 'video' | 'music' | '3d';
export const DOMAINS: readonly Domain[] = ['image', 'video', 'music', '3d'];

/** One file that a task of a model ends with. */
export interface ResultKind {
  readonly format: MediaFormat;
  /** `file_type` on the wire. */
  readonly fileType: 'image' | 'video' | 'audio' | 'model' | 'text' | 'file';
  /** `label` on the wire; the field of the music detail for stems. */
  readonly label: string | null;
}

/** What the simulator believes of a model. Guessed from its name: the wire needs no catalogue. */
export interface ModelProfile {
  readonly domain: Domain;
  /** Names nobody has heard of are treated as images. */
  readonly known: boolean;
  /** Price per task or, for images, per file. Of the right order of magnitude, nothing more. */
  readonly credits: number;
  /** Shortest and longest run, in provider time. Seen for images: 35 to 110 s. The others are our guess. */
  readonly durationMs: readonly [shortest: number, longest: number];
}

const PROFILES: Readonly<Record<Domain, Omit<ModelProfile, 'known'>>> = {
  image: { domain: 'image', credits: 4, durationMs: [35_000, 110_000] },
  video: { domain: 'video', credits: 40, durationMs: [90_000, 300_000] },
  music: { domain: 'music', credits: 4.5, durationMs: [60_000, 150_000] },
  '3d': { domain: '3d', credits: 60, durationMs: [90_000, 240_000] },
};

/** The first rule that fits decides; special words stand before families. */
const RULES: readonly (readonly [RegExp, Domain])[] = [
  [/^(meshy|tripo3d|hunyuan-3d)|-to-3d$/, '3d'],
  [/music|vocals|lyrics|persona|midi|stem-|to-wav|instrumental|-audio$|replace-section/, 'music'],
  [/video/, 'video'],
  [/image|^(seedream|nano-banana|gpt-4o|flux-(?!3)|z-)/, 'image'],
  [/^(seedance|veo|sora|kling|hailuo|wan|runway|happy-horse|omni-flash|grok-imagine|flux-3)/, 'video'],
];

export const profileOf = (model: string): ModelProfile => {
  const rule = RULES.find(([pattern]) => pattern.test(model));
  return { ...PROFILES[rule?.[1] ?? 'image'], known: rule !== undefined };
};

const IMAGE: ResultKind = { format: 'png', fileType: 'image', label: null };
const VIDEO: ResultKind = { format: 'mp4', fileType: 'video', label: null };
const TAKE: ResultKind = { format: 'wav', fileType: 'audio', label: null };
const TEXT: ResultKind = { format: 'txt', fileType: 'text', label: null };
const MODEL: ResultKind = { format: 'glb', fileType: 'model', label: 'model_glb' };
const THUMBNAIL: ResultKind = { format: 'png', fileType: 'image', label: 'thumbnail' };
const stem = (label: string): ResultKind => ({ ...TAKE, label });

/** Music tools that do not end with one plain take. */
const MUSIC_RESULTS: Readonly<Record<string, readonly ResultKind[]>> = {
  'generate-music': [TAKE, TAKE],
  'separate-vocals': [stem('vocals'), stem('instrumental')],
  'upload-and-separate-vocals': [stem('vocals'), stem('instrumental')],
  'stem-split': [stem('vocals'), stem('drums'), stem('bass'), stem('other')],
  'generate-midi': [{ format: 'mid', fileType: 'file', label: 'midi' }],
  'generate-music-cover': [IMAGE],
  'create-music-video': [VIDEO],
  'generate-lyrics': [TEXT],
  'generate-persona': [TEXT],
  'boost-music-style': [TEXT],
  'get-timestamped-lyrics': [TEXT],
};

const MOST_IMAGES = 16;

/** The files a task ends with: images as many as `n` says, 3D a model and its picture, the rest one file unless listed. */
export const resultsOf = (model: string, domain: Domain, n: unknown): readonly ResultKind[] => {
  switch (domain) {
    case 'image':
      return typeof n === 'number' && Number.isInteger(n) && n > 1
        ? Array.from({ length: Math.min(n, MOST_IMAGES) }, () => IMAGE)
        : [IMAGE];
    case 'video':
      return [VIDEO];
    case 'music':
      return MUSIC_RESULTS[model] ?? [TAKE];
    case '3d':
      return [MODEL, THUMBNAIL];
  }
};
