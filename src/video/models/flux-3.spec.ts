import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const text = { prompt: 'A red bicycle' };
const image = 'https://example.com/inputs/a.png';
const keyframe = { image_url: image, frame_index: 0 };

const cases: readonly Case[] = [
  ['text', 'flux-3/text-to-video', text, 'text-to-video'],
  [
    'an image for the text model',
    'flux-3/text-to-video',
    { ...text, image_urls: [image] },
    ['/image_urls unknown_field'],
  ],
  ['four seconds', 'flux-3/text-to-video', { ...text, duration: 4 }, ['/duration min']],
  ['an image', 'flux-3/image-to-video', { ...text, image_urls: [image] }, 'image-to-video'],
  ['two images', 'flux-3/image-to-video', { ...text, image_urls: [image, image] }, ['/image_urls maxItems']],
  [
    'one frame',
    'flux-3/first-last-frame-to-video',
    { ...text, image_urls: [image] },
    ['/image_urls minItems'],
  ],
  [
    'two frames',
    'flux-3/first-last-frame-to-video',
    { ...text, image_urls: [image, image] },
    'frames-to-video',
  ],
  [
    'ten keyframes',
    'flux-3/keyframes-to-video',
    { ...text, keyframes: Array(10).fill(keyframe) },
    'keyframes-to-video',
  ],
  [
    'eleven keyframes',
    'flux-3/keyframes-to-video',
    { ...text, keyframes: Array(11).fill(keyframe) },
    ['/keyframes maxItems'],
  ],
  ['no keyframe', 'flux-3/keyframes-to-video', { ...text, keyframes: [] }, ['/keyframes minItems']],
  [
    'keyframes that say too little, too much and nonsense',
    'flux-3/keyframes-to-video',
    {
      ...text,
      keyframes: [{ image_url: image }, { ...keyframe, label: 'a' }, { image_url: 'a.png', frame_index: -1 }],
    },
    [
      '/keyframes/0/frame_index required',
      '/keyframes/1/label unknown_field',
      '/keyframes/2/image_url url',
      '/keyframes/2/frame_index min',
    ],
  ],
  [
    'a video to extend',
    'flux-3/extend-video',
    { ...text, video_url: 'https://example.com/inputs/a.mp4' },
    'video-extend',
  ],
  ['nothing to extend', 'flux-3/extend-video', text, ['/video_url required']],
];

describe('flux-3', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind({ catalogue: 'all' }), model, input)).toEqual(expected);
  });
});
