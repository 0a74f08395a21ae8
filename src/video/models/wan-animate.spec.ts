import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const image = 'https://example.com/inputs/a.png';
const input = { video_url: 'https://example.com/inputs/a.mp4', image_urls: [image] };

const cases: readonly Case[] = [
  ['a person and a video', 'wan-animate-move', input, 'motion-transfer'],
  ['a person and a video', 'wan-animate-replace', input, 'character-replace'],
  ...['wan-animate-move', 'wan-animate-replace'].flatMap((model): readonly Case[] => [
    ['two persons', model, { ...input, image_urls: [image, image] }, ['/image_urls maxItems']],
    ['no video', model, { image_urls: [image] }, ['/video_url required']],
    ['1080p', model, { ...input, resolution: '1080p' }, ['/resolution enum']],
    ['a prompt', model, { ...input, prompt: 'Dance' }, ['/prompt unknown_field']],
  ]),
];

describe('wan-animate', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind(), model, input)).toEqual(expected);
  });
});
