import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { imageKind } from '../image.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A red bicycle', size: '1:1', resolution: '1K' };
const edit = { ...text, size: 'auto', image_urls: [url('a.png')] };

const cases: readonly Case[] = ['pro', 'flex'].flatMap((strength): readonly Case[] => [
  ['text to image', `flux-2-${strength}`, text, 'text-to-image'],
  ['size auto without an image', `flux-2-${strength}`, { ...text, size: 'auto' }, ['/size enum']],
  [
    'reference images',
    `flux-2-${strength}`,
    { ...text, image_urls: [url('a.png')] },
    ['/image_urls forbids'],
  ],
  [
    'nothing at all',
    `flux-2-${strength}`,
    {},
    ['/prompt required', '/resolution required', '/size required'],
  ],
  ['the shortest prompt', `flux-2-${strength}`, { ...text, prompt: 'abc' }, 'text-to-image'],
  ['a prompt that is too short', `flux-2-${strength}`, { ...text, prompt: 'ab' }, ['/prompt minLength']],
  ['an edit', `flux-2-${strength}-edit`, edit, 'image-edit'],
  [
    'eight images',
    `flux-2-${strength}-edit`,
    { ...edit, image_urls: Array(8).fill(url('a.png')) },
    'image-edit',
  ],
  [
    'nine images',
    `flux-2-${strength}-edit`,
    { ...edit, image_urls: Array(9).fill(url('a.png')) },
    ['/image_urls maxItems'],
  ],
  ['4K', `flux-2-${strength}-edit`, { ...edit, resolution: '4K' }, ['/resolution enum']],
]);

describe('flux-2', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(imageKind(), model, input)).toEqual(expected);
  });
});
