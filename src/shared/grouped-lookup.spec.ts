import { GroupedLookup, type GroupedLookupOptions } from './grouped-lookup.js';

const lookup = (options?: GroupedLookupOptions) => {
  const asked: string[][] = [];
  const grouped = new GroupedLookup<string>(async (keys) => {
    asked.push([...keys]);
    if (keys.includes('broken')) throw new Error('no answer');
    return new Map(keys.filter((key) => key !== 'missing').map((key) => [key, key.toUpperCase()]));
  }, options);
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
  const { asked, grouped } = lookup({ maxKeys: 2 });
  await Promise.all(['a', 'b', 'c'].map((key) => grouped.get(key)));
  expect(asked).toEqual([['a', 'b'], ['c']]);
});

it('rejects every lookup of a failed query, and only those', async () => {
  const { grouped } = lookup();
  const failed = await Promise.allSettled([grouped.get('a'), grouped.get('broken')]);
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(grouped.get('a')).resolves.toBe('A');
});

it('asks for what came while a query was under way together, when that one is answered', async () => {
  const asked: string[][] = [];
  const answers: (() => void)[] = [];
  const grouped = new GroupedLookup<string>(async (keys) => {
    asked.push([...keys]);
    await new Promise<void>((resolve) => answers.push(resolve));
    return new Map(keys.map((key) => [key, key.toUpperCase()]));
  });
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const first = grouped.get('a');
  await turn();
  const others = [grouped.get('b'), grouped.get('c')];
  await turn();
  expect(asked).toEqual([['a']]);
  answers.shift()!();
  await expect(first).resolves.toBe('A');
  await turn();
  answers.shift()!();
  await expect(Promise.all(others)).resolves.toEqual(['B', 'C']);
  expect(asked).toEqual([['a'], ['b', 'c']]);
});
