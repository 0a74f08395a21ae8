import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const image = 'https://example.com/inputs/a.png';
const input = { prompt: 'A red bicycle', start_image_url: image };

const cases: readonly Case[] = [
  ...['kling-2.1/standard', 'kling-2.1/pro'].flatMap((model): readonly Case[] => [
    ['an image', model, input, 'image-to-video'],
    ['text alone', model, { prompt: 'A red bicycle' }, ['/start_image_url required']],
    ['six seconds', model, { ...input, duration: 6 }, ['/duration enum']],
  ]),
  ['two frames', 'kling-2.1/standard', { ...input, end_image_url: image }, ['/end_image_url forbids']],
  ['two frames', 'kling-2.1/pro', { ...input, end_image_url: image }, 'image-to-video'],
];

describe('kling-2.1', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind(), model, input)).toEqual(expected);
  });
});
