import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { imageKind } from '../image.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A red bicycle' };
const edit = { ...text, image_urls: [url('a.png')] };

const cases: readonly Case[] = [
  ['only a prompt', 'gpt-4o-image', text, 'text-to-image'],
  ['four images of a ratio', 'gpt-4o-image', { ...text, n: 4, size: '3:2' }, 'text-to-image'],
  ['five images', 'gpt-4o-image', { ...text, n: 5 }, ['/n enum']],
  ['a number as text', 'gpt-4o-image', { ...text, n: '2' }, ['/n type']],
  ['a size in pixels', 'gpt-4o-image', { ...text, size: '1024x1024' }, ['/size enum']],
  [
    'an image and a mask',
    'gpt-4o-image',
    { ...edit, mask_url: url('mask.png') },
    ['/image_urls forbids', '/mask_url forbids'],
  ],
  ['an edit', 'gpt-4o-image-edit', edit, 'image-edit'],
  ['an edit under a mask', 'gpt-4o-image-edit', { ...edit, mask_url: url('mask.png') }, 'image-edit'],
  ['a mask that is no URL', 'gpt-4o-image-edit', { ...edit, mask_url: 'mask.png' }, ['/mask_url url']],
  ['only a mask', 'gpt-4o-image-edit', { ...text, mask_url: url('mask.png') }, ['/image_urls required']],
  ['a long prompt', 'gpt-4o-image-edit', { ...edit, prompt: 'a'.repeat(1001) }, ['/prompt maxLength']],
];

describe('gpt-4o-image', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(imageKind(), model, input)).toEqual(expected);
  });

  it('expects n files, and cannot say how many without n', () => {
    const model = imageKind().models.find(({ model }) => model === 'gpt-4o-image')!;
    expect(model.check({ ...text, n: 3 })).toMatchObject({ expectedFiles: 3 });
    expect(model.check(text)).toMatchObject({ expectedFiles: null });
  });
});
