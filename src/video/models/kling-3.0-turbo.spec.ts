import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const text = { prompt: 'A red bicycle' };
const images = ['https://example.com/inputs/a.png'];
const shots = (...durations: readonly (number | undefined)[]) => ({
  multi_prompt: durations.map((duration) => ({ ...text, ...(duration !== undefined && { duration }) })),
});

const cases: readonly Case[] = [
  ...['kling-3.0-turbo/standard', 'kling-3.0-turbo/pro'].flatMap((model): readonly Case[] => [
    ['text', model, text, 'text-to-video'],
    ['a shot list', model, shots(12, 3), 'text-to-video'],
    ['prompt and shot list', model, { ...text, ...shots(5) }, ['/multi_prompt exclusive']],
    ['neither', model, { duration: 5 }, ['/prompt one_of']],
    ['shots of 16 seconds', model, shots(12, 4), ['/multi_prompt sum']],
    ['three shots of the default length', model, shots(undefined, undefined, undefined), 'text-to-video'],
    [
      'four shots of the default length',
      model,
      shots(undefined, undefined, undefined, undefined),
      ['/multi_prompt sum'],
    ],
    ['seven shots', model, shots(1, 1, 1, 1, 1, 1, 1), ['/multi_prompt maxItems']],
    ['an image', model, { ...text, image_urls: images }, 'image-to-video'],
    ['an image and a shot list', model, { ...shots(5), image_urls: images }, 'image-to-video'],
    [
      'a ratio beside an image',
      model,
      { ...text, image_urls: images, aspect_ratio: '1:1' },
      ['/aspect_ratio forbids'],
    ],
  ]),
];

describe('kling-3.0-turbo', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind({ catalogue: 'all' }), model, input)).toEqual(expected);
  });
});
