import { nearestNames } from './nearest-names.js';

describe('nearestNames', () => {
  const fields = ['prompt', 'image_urls', 'aspect_ratio', 'resolution', 'reference_image_urls', 'n'];

  it.each([
    ['promt', ['prompt']],
    ['prmopt', ['prompt']],
    ['imageUrls', ['image_urls']],
    ['aspect-ratio', ['aspect_ratio']],
    ['image_url', ['image_urls']],
    ['RESOLUTION', ['resolution']],
    ['zzzzzz', []],
    ['', []],
    ['__', []],
  ])('%p may mean %p', (word, expected) => {
    expect(nearestNames(word, fields)).toEqual(expected);
  });

  it('finds the names that continue the word', () => {
    expect(nearestNames('seedance', ['veo3.1-lite', 'seedance-2', 'seedance-2-fast'])).toEqual([
      'seedance-2',
      'seedance-2-fast',
    ]);
  });

  it('puts the best first and stops at the limit', () => {
    expect(
      nearestNames('flux-2-pr', ['flux-2-pro-edit', 'flux-2-pro', 'flux-2-flex', 'flux-2-dev'], 2),
    ).toEqual(['flux-2-pro', 'flux-2-pro-edit']);
  });

  it('stays cheap for very long words', () => {
    const started = performance.now();
    for (let i = 0; i < 100; i++) nearestNames('x'.repeat(1_000_000), fields);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
