import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const ANY = 'any (mode follows the media fields)';
const text = { prompt: 'A red bicycle' };
const image = 'https://example.com/inputs/a.png';
const video = { ...text, video_url: 'https://example.com/inputs/a.mp4' };

const cases: readonly Case[] = [
  ['text', 'happy-horse', { ...text, seed: 0, duration: 3 }, 'text-to-video'],
  ['no prompt', 'happy-horse', { duration: 5 }, ['/prompt required']],
  ['a seed beyond 31 bits', 'happy-horse', { ...text, seed: 2 ** 31 }, ['/seed max']],
  ['sound of no video', 'happy-horse', { ...text, audio_setting: 'origin' }, ['/audio_setting forbids']],
  ['only an image', 'happy-horse', { image_urls: [image] }, 'image-to-video'],
  [
    'a ratio beside an image',
    'happy-horse',
    { image_urls: [image], aspect_ratio: '1:1' },
    ['/aspect_ratio forbids'],
  ],
  [
    'nine references',
    'happy-horse',
    { ...text, reference_image_urls: Array(9).fill(image), aspect_ratio: '1:1' },
    'reference-to-video',
  ],
  ['references without a prompt', 'happy-horse', { reference_image_urls: [image] }, ['/prompt required']],
  [
    'an image with references',
    'happy-horse',
    { ...text, image_urls: [image], reference_image_urls: [image] },
    ['/image_urls exclusive'],
  ],
  ['a video to edit', 'happy-horse', { ...video, audio_setting: 'origin' }, 'video-edit'],
  [
    'a video and five references',
    'happy-horse',
    { ...video, reference_image_urls: Array(5).fill(image) },
    'video-edit',
  ],
  [
    'a video and six references',
    'happy-horse',
    { ...video, reference_image_urls: Array(6).fill(image) },
    ['/reference_image_urls maxItems'],
  ],
  ['a video and an image', 'happy-horse', { ...video, image_urls: [image] }, ['/image_urls exclusive']],
  [
    'length and ratio of an edited video',
    'happy-horse',
    { ...video, duration: 5, aspect_ratio: '1:1' },
    ['/duration forbids', '/aspect_ratio forbids'],
  ],
  ['text in 9:21', 'happy-horse-1.1', { ...text, aspect_ratio: '9:21' }, ANY],
  ['only an image', 'happy-horse-1.1', { image_urls: [image] }, ANY],
  [
    'references without a prompt',
    'happy-horse-1.1',
    { reference_image_urls: [image] },
    ['/prompt required_unless'],
  ],
  [
    'an image with references',
    'happy-horse-1.1',
    { ...text, image_urls: [image], reference_image_urls: [image] },
    ['/reference_image_urls exclusive'],
  ],
  ['a prompt that is too long', 'happy-horse-1.1', { prompt: 'a'.repeat(2501) }, ['/prompt maxLength']],
];

describe('happy-horse', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind({ catalogue: 'all' }), model, input)).toEqual(expected);
  });

  it('is offered without 1.1, which only PoYo has', () => {
    const { models } = videoKind();
    expect(models.filter(({ family }) => family === 'happy-horse').map(({ model }) => model)).toEqual([
      'happy-horse',
    ]);
  });
});
