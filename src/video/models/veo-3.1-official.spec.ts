import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A red bicycle' };
const images = (count: number) => ({ ...text, image_urls: Array<string>(count).fill(url('a.png')) });

const cases: readonly Case[] = [
  ...['fast', 'quality'].flatMap((strength): readonly Case[] => [
    ['text', `veo3.1-${strength}-official`, text, 'text-to-video'],
    ['one image', `veo3.1-${strength}-official`, images(1), 'image-to-video'],
    ['two frames', `veo3.1-${strength}-official`, images(2), 'frames-to-video'],
    ['three references', `veo3.1-${strength}-official`, images(3), 'reference-to-video'],
    ['four images', `veo3.1-${strength}-official`, images(4), ['/image_urls no_mode']],
    [
      'a reference video of six seconds',
      `veo3.1-${strength}-official`,
      { ...images(3), duration: 6 },
      ['/duration enum'],
    ],
    [
      'ratio auto with references',
      `veo3.1-${strength}-official`,
      { ...images(3), aspect_ratio: 'auto' },
      ['/aspect_ratio enum'],
    ],
    [
      'ratio auto without an image',
      `veo3.1-${strength}-official`,
      { ...text, aspect_ratio: 'auto' },
      ['/aspect_ratio enum'],
    ],
    ['4k', `veo3.1-${strength}-official`, { ...text, resolution: '4k' }, 'text-to-video'],
    [
      "the other models' name of the mode field",
      `veo3.1-${strength}-official`,
      { ...images(2), generate_type: 'frame' },
      ['/generate_type unknown_field'],
    ],
  ]),
  ['six seconds in 720p, the default', 'veo3.1-lite-official', { ...text, duration: 6 }, 'text-to-video'],
  [
    'six seconds in 1080p',
    'veo3.1-lite-official',
    { ...text, duration: 6, resolution: '1080p' },
    ['/duration enum'],
  ],
  [
    'an image, six seconds in 1080p',
    'veo3.1-lite-official',
    { ...images(1), duration: 6, resolution: '1080p' },
    ['/duration enum'],
  ],
  ['1080p without a duration', 'veo3.1-lite-official', { ...text, resolution: '1080p' }, 'text-to-video'],
  ['frames of six seconds', 'veo3.1-lite-official', { ...images(2), duration: 6 }, ['/duration enum']],
  ['4k', 'veo3.1-lite-official', { ...text, resolution: '4k' }, ['/resolution enum']],
  ['three images', 'veo3.1-lite-official', images(3), ['/image_urls no_mode']],
  [
    'three images and no prompt',
    'veo3.1-lite-official',
    { ...images(3), prompt: '' },
    ['/image_urls no_mode', '/prompt required'],
  ],
];

describe('veo-3.1-official', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind(), model, input)).toEqual(expected);
  });
});
