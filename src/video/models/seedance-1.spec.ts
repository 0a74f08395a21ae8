import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const image = 'https://example.com/inputs/a.png';
const old = { prompt: 'A red bicycle' };
const text = { ...old, aspect_ratio: '16:9', duration: 4 };

const cases: readonly Case[] = [
  ['only a prompt', 'seedance-1.0-pro', old, 'text-to-video'],
  ['an image', 'seedance-1.0-pro', { ...old, image_urls: [image] }, 'image-to-video'],
  ['two images', 'seedance-1.0-pro', { ...old, image_urls: [image, image] }, ['/image_urls maxItems']],
  ['480p', 'seedance-1.0-pro', { ...old, resolution: '480p' }, ['/resolution enum']],
  [
    'a ratio, which only 1.5 has',
    'seedance-1.0-pro',
    text,
    ['/duration enum', '/aspect_ratio unknown_field'],
  ],
  ['text', 'seedance-1.5-pro', text, 'text-to-video'],
  ['two frames', 'seedance-1.5-pro', { ...text, image_urls: [image, image] }, 'image-to-video'],
  [
    'three frames',
    'seedance-1.5-pro',
    { ...text, image_urls: [image, image, image] },
    ['/image_urls maxItems'],
  ],
  ['1080p, which only PoYo has', 'seedance-1.5-pro', { ...text, resolution: '1080p' }, ['/resolution enum']],
  ['no ratio and no duration', 'seedance-1.5-pro', old, ['/aspect_ratio required', '/duration required']],
  ['ten seconds', 'seedance-1.5-pro', { ...text, duration: 10 }, ['/duration enum']],
  ['two characters', 'seedance-1.5-pro', { ...text, prompt: 'Go' }, ['/prompt minLength']],
];

describe('seedance-1', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind(), model, input)).toEqual(expected);
  });

  it('takes 1080p where all that PoYo has is offered', () => {
    const input = { ...text, resolution: '1080p' };
    expect(verdictOf(videoKind({ catalogue: 'all' }), 'seedance-1.5-pro', input)).toBe('text-to-video');
  });
});
