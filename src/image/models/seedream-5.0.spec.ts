import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { imageKind } from '../image.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A red bicycle' };
const images = (count: number) => Array<string>(count).fill(url('a.png'));

const cases: readonly Case[] = [
  ['only a prompt', 'seedream-5.0', text, 'text-to-image'],
  ['one file of a ratio', 'seedream-5.0', { ...text, size: '21:9', n: 1 }, 'text-to-image'],
  ['two files', 'seedream-5.0', { ...text, n: 2 }, ['/n enum']],
  [
    'fields of the other entries',
    'seedream-5.0',
    { ...text, image_urls: images(1), web_search: true },
    ['/image_urls forbids', '/web_search forbids'],
  ],
  ['fourteen images', 'seedream-5.0-edit', { ...text, image_urls: images(14) }, 'image-edit'],
  ['fifteen images', 'seedream-5.0-edit', { ...text, image_urls: images(15) }, ['/image_urls maxItems']],
  ['no image', 'seedream-5.0-edit', text, ['/image_urls required']],
  ['a search', 'seedream-5.0-search', { ...text, web_search: true }, 'text-to-image-with-search'],
  ['a search left open', 'seedream-5.0-search', text, 'text-to-image-with-search'],
  ['a search as text', 'seedream-5.0-search', { ...text, web_search: 'yes' }, ['/web_search type']],
];

describe('seedream-5.0', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(imageKind(), model, input)).toEqual(expected);
  });
});
