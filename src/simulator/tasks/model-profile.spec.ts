import { type Domain, DOMAINS, profileOf, resultsOf } from './model-profile.js';

/** Every model name known of the provider and its sibling. */
const MODELS: Readonly<Record<Domain, string>> = {
  image: `
    flux-2-flex flux-2-flex-edit flux-2-pro flux-2-pro-edit flux-dev flux-kontext-max
    flux-kontext-max-edit flux-kontext-pro flux-kontext-pro-edit flux-schnell gpt-4o-image
    gpt-4o-image-edit gpt-image-1-edit-official gpt-image-1-official gpt-image-1.5 gpt-image-1.5-edit
    gpt-image-1.5-edit-official gpt-image-1.5-official gpt-image-2 gpt-image-2-edit grok-imagine-image
    grok-imagine-image-quality kling-o1-image-edit kling-o3-image kling-o3-image-edit nano-banana
    nano-banana-2 nano-banana-2-edit nano-banana-2-lite nano-banana-2-lite-edit nano-banana-2-new
    nano-banana-2-new-edit nano-banana-2-official nano-banana-2-official-edit nano-banana-edit
    nano-banana-pro nano-banana-pro-edit poyo-ai/image-translator qwen-image-3 qwen-image-3-pro seedream-4
    seedream-4-edit seedream-4.5 seedream-4.5-edit seedream-5.0 seedream-5.0-edit seedream-5.0-lite
    seedream-5.0-lite-edit seedream-5.0-pro seedream-5.0-pro-edit seedream-5.0-search wan-2.7-image
    wan-2.7-image-pro z-image
  `,
  video: `
    flux-3/extend-video flux-3/first-last-frame-to-video flux-3/image-to-video flux-3/keyframes-to-video
    flux-3/text-to-video grok-imagine grok-imagine-video-1.5 hailuo-02 hailuo-02-pro hailuo-03 hailuo-2.3
    happy-horse happy-horse-1.1 kling-1.6/pro kling-1.6/standard kling-2.1/pro kling-2.1/standard
    kling-2.5-turbo-pro kling-2.6 kling-2.6-motion-control kling-3.0-motion-control kling-3.0-turbo/pro
    kling-3.0-turbo/standard kling-3.0/4K kling-3.0/pro kling-3.0/standard kling-avatar-2.0/pro
    kling-avatar-2.0/standard kling-o3/4K kling-o3/pro kling-o3/standard omni-flash
    poyo-ai/video-background-removal poyo-ai/video-translator poyo-ai/video-upscaler runway-gen-4.5
    seedance-1.0-pro seedance-1.5-pro seedance-2 seedance-2-fast seedance-2-mini seedance-2.5 sora-2
    sora-2-beta sora-2-official sora-2-pro sora-2-pro-official veo3.1-extend veo3.1-fast
    veo3.1-fast-official veo3.1-lite veo3.1-lite-official veo3.1-quality veo3.1-quality-official
    wan-animate-move wan-animate-replace wan2.2-image-to-video-fast wan2.2-text-to-video-fast
    wan2.5-image-to-video wan2.5-text-to-video wan2.6-image-to-video wan2.6-text-to-video
    wan2.6-video-to-video wan2.7-edit-video wan2.7-image-to-video wan2.7-reference-to-video
    wan2.7-text-to-video
  `,
  music: `
    add-instrumental add-vocals boost-music-style convert-to-wav create-music-video elevenlabs-music
    extend-music generate-lyrics generate-midi generate-music generate-music-cover generate-persona
    get-timestamped-lyrics minimax-music-2.6 replace-section separate-vocals stem-split
    upload-and-cover-audio upload-and-extend-audio upload-and-separate-vocals
  `,
  '3d': `
    hunyuan-3d/v3.1/pro/image-to-3d hunyuan-3d/v3.1/pro/text-to-3d hunyuan-3d/v3.1/rapid/image-to-3d
    hunyuan-3d/v3.1/rapid/text-to-3d meshy-6-image-to-3d meshy-6-multi-image-to-3d meshy-6-text-to-3d
    tripo3d-h3.1-image-to-3d tripo3d-h3.1-multiview-to-3d tripo3d-h3.1-text-to-3d tripo3d-p1-image-to-3d
    tripo3d-p1-text-to-3d
  `,
};

const named = DOMAINS.flatMap((domain) =>
  MODELS[domain]
    .trim()
    .split(/\s+/)
    .map((model) => [model, domain] as const),
);

describe('profileOf', () => {
  it.each(named)('knows %s as %s', (model, domain) => {
    expect(profileOf(model)).toMatchObject({ domain, known: true });
  });

  it.each(['unheard-of', 'toString', ''])('takes %j for an image it has never heard of', (model) => {
    expect(profileOf(model)).toMatchObject({ domain: 'image', known: false });
  });
});

describe('resultsOf', () => {
  it.each([
    [undefined, 1],
    [1, 1],
    [4, 4],
    [99, 16],
    [0, 1],
    [-3, 1],
    [2.5, 1],
    ['4', 1],
    [null, 1],
  ])('makes of n %j as many images: %i', (n, count) => {
    expect(resultsOf('gpt-image-1.5', 'image', n)).toHaveLength(count);
  });

  it('asks n only of images', () => {
    expect(resultsOf('seedance-2', 'video', 4)).toHaveLength(1);
    expect(resultsOf('minimax-music-2.6', 'music', 4)).toHaveLength(1);
    expect(resultsOf('generate-music', 'music', 4)).toHaveLength(2);
    expect(resultsOf('meshy-6-text-to-3d', '3d', 4)).toHaveLength(2);
  });
});
