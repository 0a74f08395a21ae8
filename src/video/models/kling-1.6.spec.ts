import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const ANY = 'any (mode follows the media fields)';
const text = { prompt: 'A red bicycle', duration: 5 };
const image = 'https://example.com/inputs/a.png';
const frames = { ...text, start_image_url: image, end_image_url: image };

const cases: readonly Case[] = [
  ...['kling-1.6/standard', 'kling-1.6/pro'].flatMap((model): readonly Case[] => [
    ['text', model, { ...text, aspect_ratio: '1:1', cfg_scale: 0.5 }, ANY],
    ['no duration', model, { prompt: 'A red bicycle' }, ['/duration required']],
    ['an opening frame', model, { ...text, start_image_url: image }, ANY],
    ['four elements', model, { ...text, image_urls: Array(4).fill(image), aspect_ratio: '1:1' }, ANY],
    ['five elements', model, { ...text, image_urls: Array(5).fill(image) }, ['/image_urls maxItems']],
    [
      'elements with a frame and cfg_scale',
      model,
      { ...text, image_urls: [image], start_image_url: image, cfg_scale: 0 },
      ['/start_image_url forbids', '/cfg_scale forbids'],
    ],
    ['a scale above one', model, { ...text, cfg_scale: 1.1 }, ['/cfg_scale max']],
  ]),
  ['two frames', 'kling-1.6/standard', frames, ['/end_image_url forbids']],
  ['two frames', 'kling-1.6/pro', frames, ANY],
  ['only a closing frame', 'kling-1.6/pro', { ...text, end_image_url: image }, ['/start_image_url requires']],
  [
    'a ratio beside a frame',
    'kling-1.6/standard',
    { ...text, start_image_url: image, aspect_ratio: '1:1' },
    ['/aspect_ratio forbids'],
  ],
  ['a ratio beside a frame', 'kling-1.6/pro', { ...text, start_image_url: image, aspect_ratio: '1:1' }, ANY],
];

describe('kling-1.6', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind({ catalogue: 'all' }), model, input)).toEqual(expected);
  });
});
