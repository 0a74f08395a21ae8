import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { threeDKind } from '../three-d.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const text = { prompt: 'A wooden stool' };
const images = (count: number) => ({ image_urls: Array<string>(count).fill(url('a.png')) });

const cases: readonly Case[] = [
  ['only a prompt', 'meshy-6-text-to-3d', text, 'text-to-3d'],
  ['a prompt at the bound', 'meshy-6-text-to-3d', { prompt: 'a'.repeat(600) }, 'text-to-3d'],
  ['a prompt above the bound', 'meshy-6-text-to-3d', { prompt: 'a'.repeat(601) }, ['/prompt maxLength']],
  ['an empty pose', 'meshy-6-text-to-3d', { ...text, pose_mode: '' }, 'text-to-3d'],
  ['an unknown pose', 'meshy-6-text-to-3d', { ...text, pose_mode: 'y-pose' }, ['/pose_mode enum']],
  [
    'image fields',
    'meshy-6-text-to-3d',
    { ...text, ...images(1), should_texture: true },
    ['/image_urls forbids', '/should_texture forbids'],
  ],
  [
    'a private texture',
    'meshy-6-text-to-3d',
    { ...text, texture_image_url: 'http://10.0.0.1/a.png' },
    ['/texture_image_url private_host'],
  ],
  [
    'a number of polygons that is not whole',
    'meshy-6-text-to-3d',
    { ...text, target_polycount: 0.5 },
    ['/target_polycount type'],
  ],
  ['a height in fractions', 'meshy-6-text-to-3d', { ...text, rigging_height_meters: 1.75 }, 'text-to-3d'],
  ['one image', 'meshy-6-image-to-3d', images(1), 'image-to-3d'],
  ['two images', 'meshy-6-image-to-3d', images(2), ['/image_urls maxItems']],
  [
    'fields of the text model',
    'meshy-6-image-to-3d',
    { ...images(1), mode: 'full', seed: 1, enable_prompt_expansion: true },
    ['/mode forbids', '/seed forbids', '/enable_prompt_expansion forbids'],
  ],
  [
    'a prompt, which APIDot does not send',
    'meshy-6-image-to-3d',
    { ...images(1), ...text },
    ['/prompt unknown_field'],
  ],
  ['four images', 'meshy-6-multi-image-to-3d', images(4), 'multi-image-to-3d'],
  ['five images', 'meshy-6-multi-image-to-3d', images(5), ['/image_urls maxItems']],
  ['no image', 'meshy-6-multi-image-to-3d', {}, ['/image_urls required']],
];

describe('meshy-6', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(threeDKind(), model, input)).toEqual(expected);
  });
});
