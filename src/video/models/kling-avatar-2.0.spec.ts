import 'reflect-metadata';
import { type Case, verdictOf } from '../../../test/fixtures/models/verdict.js';
import { videoKind } from '../video.kind.js';

const url = (name: string) => `https://example.com/inputs/${name}`;
const input = { image_urls: [url('a.png')], audio_url: url('a.mp3') };

const cases: readonly Case[] = ['kling-avatar-2.0/standard', 'kling-avatar-2.0/pro'].flatMap(
  (model): readonly Case[] => [
    ['a face and a voice', model, input, 'talking-avatar'],
    ['a prompt as well', model, { ...input, prompt: 'She smiles' }, 'talking-avatar'],
    ['no voice', model, { ...input, audio_url: undefined }, ['/audio_url required']],
    ['no face', model, { ...input, image_urls: [] }, ['/image_urls minItems']],
    ['two faces', model, { ...input, image_urls: [url('a.png'), url('b.png')] }, ['/image_urls maxItems']],
  ],
);

describe('kling-avatar-2.0', () => {
  it.each(cases)('%s (%s)', (_name, model, input, expected) => {
    expect(verdictOf(videoKind({ catalogue: 'all' }), model, input)).toEqual(expected);
  });
});
