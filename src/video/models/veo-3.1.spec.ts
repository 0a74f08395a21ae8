import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A red bicycle' };
const images = (count: number) => ({ ...text, image_urls: Array<string>(count).fill(url('a.webp')) });

const cases: readonly Case[] = [
  ['only a prompt', 'veo3.1-lite', text, 'text-to-video'],
  [
    'images and a mode',
    'veo3.1-lite',
    { ...images(1), generate_type: 'frame' },
    ['/image_urls forbids', '/generate_type forbids'],
  ],
  ['six seconds', 'veo3.1-lite', { ...text, duration: 6 }, ['/duration enum']],
  ['text', 'veo3.1-fast', text, 'text-to-video'],
  ['a mode without images', 'veo3.1-fast', { ...text, generate_type: 'frame' }, ['/generate_type forbids']],
  ['frames', 'veo3.1-fast', { ...images(2), generate_type: 'frame' }, 'frames-to-video'],
  ['three frames', 'veo3.1-fast', { ...images(3), generate_type: 'frame' }, ['/image_urls maxItems']],
  ['three references', 'veo3.1-fast', { ...images(3), generate_type: 'reference' }, 'reference-to-video'],
  ['images without a mode', 'veo3.1-fast', images(1), ['/generate_type required']],
  [
    "PoYo's name of the mode field",
    'veo3.1-fast',
    { ...images(1), generation_type: 'frame' },
    ['/generate_type required', '/generation_type unknown_field'],
  ],
  ['text', 'veo3.1-quality', text, 'text-to-video'],
  ['frames', 'veo3.1-quality', { ...images(1), generate_type: 'frame' }, 'frames-to-video'],
  [
    'references, which only fast has',
    'veo3.1-quality',
    { ...images(1), generate_type: 'reference' },
    ['/generate_type enum'],
  ],
  ['an extension', 'veo3.1-extend', { ...text, video_url: url('a.mp4') }, 'video-extend'],
  [
    'eight more seconds',
    'veo3.1-extend',
    { ...text, video_url: url('a.mp4'), duration: 8 },
    ['/duration max'],
  ],
];

describe('veo-3.1', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind({ catalogue: 'all' }), model, input)).toEqual(expected);
  });
});
