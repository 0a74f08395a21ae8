import 'reflect-metadata';
import { readdirSync } from 'node:fs';
import { allEntries } from '../fixtures/models/entries.js';
import { type MODELS, modelsPages } from './models-pages.js';
import { readPage, ROOT } from './pages.js';

it.each(['docs/models.md', 'docs/models-sources.md', 'docs/models-schemas.md'])(
  '%s is what `node scripts/models-page.mjs` makes',
  async (path) => {
    expect(readPage(path)).toBe((await modelsPages()).get(path));
  },
);

const ROOMS = { image: 'image', video: 'video', music: 'music', '3d': 'three-d' };

describe('a model whose sources differ', () => {
  const differing = new Map(
    allEntries()
      .filter(({ conflicts = [] }) => conflicts.length > 0)
      .map(({ model, domain }) => [model, domain as keyof typeof MODELS]),
  );

  it.each([...differing])('%s: its file says so', (model, domain) => {
    const folder = `src/${ROOMS[domain]}/models`;
    const files = readdirSync(`${ROOT}/${folder}`)
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
      .map((file) => readPage(`${folder}/${file}`))
      .filter((text) => text.includes(`'${model}':`));
    expect(files).not.toEqual([]);
    for (const text of files) expect(text).toMatch(/^ \* .*sources (?:differ|disagree)/im);
  });
});
