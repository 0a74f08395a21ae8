import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { threeDKind } from '../three-d.kind.js';

const text = { prompt: 'A wooden stool' };
const image = { image_urls: ['https://example.com/inputs/a.png'] };

const cases: readonly Case[] = [
  ['only a prompt', 'tripo3d-p1-text-to-3d', text, 'text-to-3d'],
  ['an image', 'tripo3d-p1-text-to-3d', { ...text, ...image }, ['/image_urls forbids']],
  ['too few faces', 'tripo3d-p1-text-to-3d', { ...text, face_limit: 47 }, ['/face_limit min']],
  ['as many faces as h3.1', 'tripo3d-p1-text-to-3d', { ...text, face_limit: 20_001 }, ['/face_limit max']],
  [
    'a setting of h3.1',
    'tripo3d-p1-text-to-3d',
    { ...text, texture_quality: 'detailed' },
    ['/texture_quality unknown_field'],
  ],
  ['one image', 'tripo3d-p1-image-to-3d', image, 'image-to-3d'],
  ['no image', 'tripo3d-p1-image-to-3d', { image_urls: [] }, ['/image_urls minItems']],
  ['a prompt beside it', 'tripo3d-p1-image-to-3d', { ...image, ...text }, ['/prompt unknown_field']],
];

describe('tripo-p1', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(threeDKind(), model, input)).toEqual(expected);
  });
});
