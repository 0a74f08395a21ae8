import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const image = 'https://example.com/inputs/a.png';
const shot = (duration: number) => ({ prompt: 'A red bicycle', duration });
const one = { prompt: 'A red bicycle', duration: 5, multi_shots: false, sound: false };
const several = { duration: 15, multi_shots: true, sound: true, multi_prompt: [shot(2), shot(1)] };
const references = { ...one, reference_image_urls: [image] };
const element = { name: 'bike', element_input_urls: [image] };

const cases: readonly Case[] = ['kling-o3/standard', 'kling-o3/pro', 'kling-o3/4K'].flatMap(
  (model): readonly Case[] => [
    ['one shot', model, one, 'text-to-video'],
    ['one shot without a prompt', model, { ...one, prompt: undefined }, ['/prompt requires']],
    ['no switch for the shots', model, { ...one, multi_shots: undefined }, ['/multi_shots required']],
    ['no sound field', model, { ...one, sound: undefined }, ['/sound required']],
    ['several shots of 3 seconds in all', model, several, 'text-to-video'],
    ['several shots and a prompt', model, { ...several, prompt: 'A red bicycle' }, ['/prompt forbids']],
    ['several shots without sound', model, { ...several, sound: false }, ['/sound enum']],
    [
      'several shots without a list',
      model,
      { ...several, multi_prompt: [] },
      ['/multi_prompt requires', '/multi_prompt sum'],
    ],
    ['shots of 2 seconds', model, { ...several, multi_prompt: [shot(1), shot(1)] }, ['/multi_prompt sum']],
    ['shots of 15 seconds', model, { ...several, multi_prompt: [shot(12), shot(3)] }, 'text-to-video'],
    ['shots of 16 seconds', model, { ...several, multi_prompt: [shot(12), shot(4)] }, ['/multi_prompt sum']],
    ['two frames', model, { ...one, image_urls: [image, image] }, 'image-to-video'],
    [
      'a frame and a ratio',
      model,
      { ...one, image_urls: [image], aspect_ratio: '1:1' },
      ['/aspect_ratio forbids'],
    ],
    ['elements from text', model, { ...one, kling_elements: [element] }, ['/kling_elements forbids']],
    [
      'elements from a frame',
      model,
      { ...one, image_urls: [image], kling_elements: [element] },
      ['/kling_elements forbids'],
    ],
    ['a reference', model, references, 'reference-to-video'],
    [
      'five references',
      model,
      { ...references, reference_image_urls: Array(5).fill(image) },
      ['/reference_image_urls maxItems'],
    ],
    [
      'references, frames and elements',
      model,
      { ...references, image_urls: [image, image], kling_elements: [element], aspect_ratio: '1:1' },
      'reference-to-video',
    ],
    [
      'an element without a name',
      model,
      { ...references, kling_elements: [{ description: 'A bike' }] },
      ['/kling_elements/0/name required'],
    ],
  ],
);

describe('kling-o3', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind(), model, input)).toEqual(expected);
  });
});
