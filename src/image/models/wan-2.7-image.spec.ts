import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { imageKind } from '../image.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A red bicycle' };
const images = (count: number) => Array<string>(count).fill(url('a.png'));

const cases: readonly Case[] = ['wan-2.7-image', 'wan-2.7-image-pro'].flatMap((model): readonly Case[] => [
  ['only a prompt', model, text, 'text-to-image'],
  ['a named size', model, { ...text, size: '576x1024', n: 4, seed: -1 }, 'text-to-image'],
  ['other pixels as text', model, { ...text, size: '1280x720' }, ['/size enum']],
  ['other pixels as an object', model, { ...text, size: { width: 1280, height: 720 } }, 'text-to-image'],
  [
    'an object with an unknown key',
    model,
    { ...text, size: { width: 1280, height: 720, depth: 1 } },
    ['/size/depth unknown_field'],
  ],
  ['five files', model, { ...text, n: 5 }, ['/n max']],
  ['a long prompt', model, { prompt: 'a'.repeat(5001) }, ['/prompt maxLength']],
  ['four images', model, { ...text, image_urls: images(4) }, 'image-edit'],
  ['five images', model, { ...text, image_urls: images(5) }, ['/image_urls maxItems']],
]);

describe('wan-2.7-image', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(imageKind(), model, input)).toEqual(expected);
  });
});
