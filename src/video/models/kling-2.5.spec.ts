import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const text = { prompt: 'A red bicycle' };
const image = 'https://example.com/inputs/a.png';

const cases: readonly Case[] = [
  ['text', 'kling-2.5-turbo-pro', text, 'text-to-video'],
  ['a ratio of no list', 'kling-2.5-turbo-pro', { ...text, aspect_ratio: '4:3' }, 'text-to-video'],
  ['an opening frame', 'kling-2.5-turbo-pro', { ...text, start_image_url: image }, 'image-to-video'],
  [
    'two frames',
    'kling-2.5-turbo-pro',
    { ...text, start_image_url: image, end_image_url: image },
    'image-to-video',
  ],
  [
    'only a closing frame',
    'kling-2.5-turbo-pro',
    { ...text, end_image_url: image },
    ['/end_image_url forbids'],
  ],
  ['a prompt that is too long', 'kling-2.5-turbo-pro', { prompt: 'a'.repeat(2501) }, ['/prompt maxLength']],
];

describe('kling-2.5', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind(), model, input)).toEqual(expected);
  });
});
