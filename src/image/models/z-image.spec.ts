import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { imageKind } from '../image.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A red bicycle', size: '1:1' };
const edit = { prompt: 'A red bicycle', image_urls: [url('a.png')] };

const cases: readonly Case[] = [
  ['text', 'z-image', { ...text, enable_safety_checker: false }, 'text-to-image'],
  ['no size', 'z-image', { prompt: 'A red bicycle' }, ['/size required']],
  ['a wide ratio', 'z-image', { ...text, size: '21:9' }, ['/size enum']],
  ['an empty prompt', 'z-image', { ...text, prompt: '' }, ['/prompt required']],
  ['a long prompt', 'z-image', { ...text, prompt: 'a'.repeat(1001) }, ['/prompt maxLength']],
  ['an empty list of images', 'z-image', { ...text, image_urls: [] }, ['/image_urls forbids']],
];

describe('z-image', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(imageKind(), model, input)).toEqual(expected);
  });

  it('edits only in the whole catalogue', () => {
    expect(verdictOf(imageKind(), 'z-image', { ...text, ...edit })).toEqual([
      '/image_urls no_mode',
      '/image_urls forbids',
    ]);
    const whole = imageKind({ catalogue: 'all' });
    expect(verdictOf(whole, 'z-image', edit)).toBe('image-edit');
    expect(verdictOf(whole, 'z-image', { ...edit, image_urls: [url('a.png'), url('b.png')] })).toEqual([
      '/image_urls maxItems',
    ]);
  });
});
