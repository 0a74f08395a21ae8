import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ErasureList } from './erasure-list.js';

let folder: string;
let list: ErasureList;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'erasures-'));
  list = new ErasureList({ erasuresFile: join(folder, 'erasures.jsonl') });
});
afterEach(() => rm(folder, { recursive: true }));

const AT = new Date('2026-01-01T12:00:00Z');

it('names each task once, whatever was cut off at the end', async () => {
  expect(await list.all()).toEqual([]);
  for (const id of ['a', 'b', 'a']) await list.add(id, AT);
  await appendFile(join(folder, 'erasures.jsonl'), '{"task":"c","a');
  expect(await list.all()).toEqual(['a', 'b']);
});

it('does not name what was withdrawn, until it is listed again', async () => {
  await list.add('a', AT);
  await list.add('b', AT);
  await list.withdraw('a', AT);
  expect(await list.all()).toEqual(['b']);
  await list.add('a', AT);
  expect((await list.all()).toSorted()).toEqual(['a', 'b']);
});
