import { GroupedLookup } from './grouped-lookup.js';

const lookup = (maxKeys?: number) => {
  const asked: string[][] = [];
  const grouped = new GroupedLookup<string>(async (keys) => {
    asked.push([...keys]);
    if (keys.includes('broken')) throw new Error('no answer');
    return new Map(keys.filter((key) => key !== 'missing').map((key) => [key, key.toUpperCase()]));
  }, maxKeys);
  return { asked, grouped };
};

it('asks once for everything of a turn, once per key', async () => {
  const { asked, grouped } = lookup();
  const answers = await Promise.all(['a', 'b', 'a', 'missing'].map((key) => grouped.get(key)));
  expect(answers).toEqual(['A', 'B', 'A', undefined]);
  expect(asked).toEqual([['a', 'b', 'missing']]);
});

it('asks again in another turn', async () => {
  const { asked, grouped } = lookup();
  await grouped.get('a');
  await grouped.get('a');
  expect(asked).toEqual([['a'], ['a']]);
});

it('never asks for more keys at once than allowed', async () => {
  const { asked, grouped } = lookup(2);
  await Promise.all(['a', 'b', 'c'].map((key) => grouped.get(key)));
  expect(asked).toEqual([['a', 'b'], ['c']]);
});

it('rejects every lookup of a failed query, and only those', async () => {
  const { grouped } = lookup();
  const failed = await Promise.allSettled([grouped.get('a'), grouped.get('broken')]);
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(grouped.get('a')).resolves.toBe('A');
});
