import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const image = 'https://example.com/inputs/a.png';
const shot = (duration: number) => ({ prompt: 'A red bicycle', duration });
const one = { prompt: 'A red bicycle', duration: 5, multi_shots: false, sound: true };
const several = { duration: 15, multi_shots: true, sound: true, multi_prompt: [shot(1), shot(2)] };
const motion = {
  image_urls: [image],
  video_urls: ['https://example.com/inputs/a.mp4'],
  character_orientation: 'image',
};
const face = { frontal_image_url: image, reference_image_urls: [image] };

const cases: readonly Case[] = [
  ...['kling-3.0/standard', 'kling-3.0/pro', 'kling-3.0/4K'].flatMap((model): readonly Case[] => [
    ['one shot', model, one, 'text-to-video'],
    ['one shot without a prompt', model, { ...one, prompt: '' }, ['/prompt requires']],
    ['no switch for the shots', model, { ...one, multi_shots: undefined }, ['/multi_shots required']],
    ['no sound field', model, { ...one, sound: undefined }, ['/sound required']],
    ['several shots', model, several, 'text-to-video'],
    ['several shots without a list', model, { ...several, multi_prompt: [] }, ['/multi_prompt requires']],
    ['several shots and a prompt', model, { ...several, prompt: 'A red bicycle' }, ['/prompt forbids']],
    ['several shots without sound', model, { ...several, sound: false }, ['/sound enum']],
    ['shots of 15 seconds', model, { ...several, multi_prompt: [shot(12), shot(3)] }, 'text-to-video'],
    ['shots of 16 seconds', model, { ...several, multi_prompt: [shot(12), shot(4)] }, ['/multi_prompt sum']],
    [
      'a shot of 13 seconds',
      model,
      { ...several, multi_prompt: [shot(13)] },
      ['/multi_prompt/0/duration max'],
    ],
    [
      'elements without an image',
      model,
      { ...one, kling_elements: [{ name: 'bike' }] },
      ['/kling_elements forbids'],
    ],
    ['two frames', model, { ...one, image_urls: [image, image] }, 'image-to-video'],
    [
      'an element of three images',
      model,
      {
        ...one,
        image_urls: [image],
        kling_elements: [{ name: 'bike', element_input_urls: [image, image, image] }],
      },
      'image-to-video',
    ],
    [
      'an element of one image',
      model,
      { ...one, image_urls: [image], kling_elements: [{ name: 'bike', element_input_urls: [image] }] },
      ['/kling_elements/0/element_input_urls minItems'],
    ],
  ]),
  ...['kling-3.0/standard', 'kling-3.0/pro'].flatMap((model): readonly Case[] => [
    ['a ratio', model, { ...one, aspect_ratio: '1:1' }, 'text-to-video'],
    [
      'a ratio beside an image',
      model,
      { ...one, image_urls: [image], aspect_ratio: '1:1' },
      'image-to-video',
    ],
    [
      'several shots and two frames',
      model,
      { ...several, image_urls: [image, image] },
      ['/image_urls maxItems'],
    ],
    ['several shots and one frame', model, { ...several, image_urls: [image] }, 'image-to-video'],
  ]),
  ['a ratio', 'kling-3.0/4K', { ...one, aspect_ratio: '1:1' }, ['/aspect_ratio unknown_field']],
  [
    'several shots and two frames',
    'kling-3.0/4K',
    { ...several, image_urls: [image, image] },
    'image-to-video',
  ],
  ['an image and a video', 'kling-3.0-motion-control', motion, 'motion-transfer'],
  [
    'a face, which only PoYo takes',
    'kling-3.0-motion-control',
    { ...motion, character_orientation: 'video', kling_elements: [face] },
    ['/kling_elements unknown_field'],
  ],
];

/** With all that PoYo has. */
const casesAtPoyo: readonly Case[] = [
  [
    'a face with orientation image',
    'kling-3.0-motion-control',
    { ...motion, kling_elements: [face] },
    ['/kling_elements forbids'],
  ],
  [
    'a face with orientation video',
    'kling-3.0-motion-control',
    { ...motion, character_orientation: 'video', kling_elements: [face] },
    'motion-transfer',
  ],
  [
    'a face seen from the front only',
    'kling-3.0-motion-control',
    { ...motion, character_orientation: 'video', kling_elements: [{ frontal_image_url: image }] },
    ['/kling_elements/0/reference_image_urls required'],
  ],
];

describe('kling-3.0', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind(), model, input)).toEqual(expected);
  });

  it.each(casesAtPoyo)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind({ catalogue: 'all' }), model, input)).toEqual(expected);
  });
});
