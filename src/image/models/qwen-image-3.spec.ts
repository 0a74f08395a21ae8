import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { imageKind } from '../image.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A red bicycle' };
const images = (count: number) => Array<string>(count).fill(url('a.png'));

const cases: readonly Case[] = ['qwen-image-3', 'qwen-image-3-pro'].flatMap((model): readonly Case[] => [
  ['only a prompt', model, text, 'text-to-image'],
  [
    'everything',
    model,
    {
      ...text,
      negative_prompt: '',
      size: '21:9',
      resolution: '2K',
      output_format: 'jpeg',
      seed: 2_147_483_647,
      prompt_extend: false,
      enable_safety_checker: true,
    },
    'text-to-image',
  ],
  ['a seed beyond 31 bits', model, { ...text, seed: 2_147_483_648 }, ['/seed max']],
  ['a negative seed', model, { ...text, seed: -1 }, ['/seed min']],
  ['4K', model, { ...text, resolution: '4K' }, ['/resolution enum']],
  [
    'long prompts',
    model,
    { prompt: 'a'.repeat(5001), negative_prompt: 'a'.repeat(5001) },
    ['/prompt maxLength', '/negative_prompt maxLength'],
  ],
  ['three images', model, { ...text, image_urls: images(3) }, 'image-edit'],
  ['four images', model, { ...text, image_urls: images(4) }, ['/image_urls maxItems']],
  ['an unknown key', model, { ...text, n: 1 }, ['/n unknown_field']],
]);

describe('qwen-image-3', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(imageKind({ catalogue: 'all' }), model, input)).toEqual(expected);
  });
});
