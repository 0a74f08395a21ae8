import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { imageKind } from '../image.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A red bicycle' };
const edit = { ...text, image_urls: [url('a.png')] };

const names = [
  ['gpt-image-1-official', 'gpt-image-1-edit-official'],
  ['gpt-image-1.5', 'gpt-image-1.5-edit'],
  ['gpt-image-1.5-official', 'gpt-image-1.5-edit-official'],
] as const;

const cases: readonly Case[] = names.flatMap(([model, editModel]): readonly Case[] => [
  ['only a prompt', model, text, 'text-to-image'],
  ['everything', model, { ...text, n: 4, size: '1536x1024' }, 'text-to-image'],
  ['five images', model, { ...text, n: 5 }, ['/n enum']],
  ['a ratio', model, { ...text, size: '1:1' }, ['/size enum']],
  [
    'an image and a mask',
    model,
    { ...edit, mask_url: url('mask.png') },
    ['/image_urls forbids', '/mask_url forbids'],
  ],
  ['an edit', editModel, edit, 'image-edit'],
  ['an edit under a mask', editModel, { ...edit, mask_url: url('mask.png') }, 'image-edit'],
  ['no image', editModel, { ...text, image_urls: [] }, ['/image_urls minItems']],
  ['a long prompt', editModel, { ...edit, prompt: 'a'.repeat(1001) }, ['/prompt maxLength']],
]);

describe('gpt-image-1 and 1.5', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(imageKind({ catalogue: 'all' }), model, input)).toEqual(expected);
  });
});
