import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { threeDKind } from '../three-d.kind.js';

const text = { prompt: 'A wooden stool' };
const images = (count: number) => ({
  image_urls: Array<string>(count).fill('https://example.com/inputs/a.png'),
});

const cases: readonly Case[] = [
  ['only a prompt', 'tripo3d-h3.1-text-to-3d', text, 'text-to-3d'],
  [
    'a negative prompt above the bound',
    'tripo3d-h3.1-text-to-3d',
    { ...text, negative_prompt: 'a'.repeat(1025) },
    ['/negative_prompt maxLength'],
  ],
  ['an image', 'tripo3d-h3.1-text-to-3d', { ...text, ...images(1) }, ['/image_urls forbids']],
  ['the fewest faces', 'tripo3d-h3.1-text-to-3d', { ...text, face_limit: 1000 }, 'text-to-3d'],
  ['too few faces', 'tripo3d-h3.1-text-to-3d', { ...text, face_limit: 999 }, ['/face_limit min']],
  ['one image', 'tripo3d-h3.1-image-to-3d', images(1), 'image-to-3d'],
  ['two images', 'tripo3d-h3.1-image-to-3d', images(2), ['/image_urls maxItems']],
  [
    'a prompt and the seed of its picture',
    'tripo3d-h3.1-image-to-3d',
    { ...images(1), ...text, image_seed: 1 },
    ['/image_seed forbids', '/prompt unknown_field'],
  ],
  ['two views', 'tripo3d-h3.1-multiview-to-3d', images(2), 'multiview-to-3d'],
  ['a single view', 'tripo3d-h3.1-multiview-to-3d', images(1), ['/image_urls minItems']],
  ['five views', 'tripo3d-h3.1-multiview-to-3d', images(5), ['/image_urls maxItems']],
];

describe('tripo-h3.1', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(threeDKind(), model, input)).toEqual(expected);
  });
});
