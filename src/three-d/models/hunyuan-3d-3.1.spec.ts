import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { threeDKind } from '../three-d.kind.js';

const url = 'https://example.com/inputs/a.png';
const text = { prompt: 'A wooden stool' };
const image = { image_urls: [url] };

const cases: readonly Case[] = [
  ['only a prompt', 'hunyuan-3d/v3.1/pro/text-to-3d', text, 'text-to-3d'],
  ['too few faces', 'hunyuan-3d/v3.1/pro/text-to-3d', { ...text, face_count: 39_999 }, ['/face_count min']],
  [
    'a type in small letters',
    'hunyuan-3d/v3.1/pro/text-to-3d',
    { ...text, generate_type: 'normal' },
    ['/generate_type enum'],
  ],
  ['two views', 'hunyuan-3d/v3.1/pro/image-to-3d', { ...image, back_image_url: url }, 'image-to-3d'],
  [
    'a view on a private host',
    'hunyuan-3d/v3.1/pro/image-to-3d',
    { ...image, left_front_image_url: 'http://10.0.0.1/a.png' },
    ['/left_front_image_url private_host'],
  ],
  [
    'a view without the image',
    'hunyuan-3d/v3.1/pro/image-to-3d',
    { back_image_url: url },
    ['/image_urls required'],
  ],
  [
    'a prompt for pro',
    'hunyuan-3d/v3.1/rapid/text-to-3d',
    { prompt: 'a'.repeat(201) },
    ['/prompt maxLength'],
  ],
  [
    'settings of pro',
    'hunyuan-3d/v3.1/rapid/text-to-3d',
    { ...text, face_count: 50_000 },
    ['/face_count unknown_field'],
  ],
  ['one image', 'hunyuan-3d/v3.1/rapid/image-to-3d', { ...image, enable_geometry: true }, 'image-to-3d'],
  [
    'a view for pro',
    'hunyuan-3d/v3.1/rapid/image-to-3d',
    { ...image, top_image_url: url },
    ['/top_image_url unknown_field'],
  ],
];

describe('hunyuan-3d-3.1', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(threeDKind({ catalogue: 'all' }), model, input)).toEqual(expected);
  });

  it('is offered with the models of PoYo only', () => {
    expect(threeDKind().models.filter(({ family }) => family === 'hunyuan-3d-3.1')).toEqual([]);
  });
});
