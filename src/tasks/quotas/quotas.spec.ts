import { exceededQuota, NO_QUOTAS, type Quotas, startOfDay, type Usage } from './quotas.js';

const quotas = (changes: Partial<Quotas>): Quotas => ({ ...NO_QUOTAS, ...changes });
const usage = (changes: Partial<Usage>): Usage => ({
  openTasks: 0,
  tasksToday: 0,
  creditsToday: 0,
  ...changes,
});

describe('Quotas of an owner', () => {
  it.each<[string, Partial<Quotas>, Partial<Usage>, string | null]>([
    ['none are set', {}, { openTasks: 1e6, tasksToday: 1e6, creditsToday: 1e6 }, null],
    ['the last open task', { openTasks: 2 }, { openTasks: 1 }, null],
    ['one open task too many', { openTasks: 2 }, { openTasks: 2 }, 'openTasks'],
    ['no open task at all', { openTasks: 0 }, {}, 'openTasks'],
    ['the last task of the day', { tasksPerDay: 3 }, { tasksToday: 2 }, null],
    ['one task of the day too many', { tasksPerDay: 3 }, { tasksToday: 3 }, 'tasksPerDay'],
    ['credits that just suffice', { creditsPerDay: 10, creditsPerTask: 4 }, { creditsToday: 6 }, null],
    ['credits that do not', { creditsPerDay: 10, creditsPerTask: 4 }, { creditsToday: 6.5 }, 'creditsPerDay'],
    ['a budget already overspent', { creditsPerDay: 10 }, { creditsToday: 10.5 }, 'creditsPerDay'],
    [
      'several at once: the first',
      { openTasks: 1, tasksPerDay: 1 },
      { openTasks: 1, tasksToday: 1 },
      'openTasks',
    ],
  ])('%s', (_what, limits, used, wanted) => {
    expect(exceededQuota(quotas(limits), usage(used))).toBe(wanted);
  });

  it('a day begins at midnight UTC', () => {
    expect(startOfDay(new Date('2026-03-29T23:59:59.999Z')).toISOString()).toBe('2026-03-29T00:00:00.000Z');
    expect(startOfDay(new Date('2026-03-30T00:00:00.000Z')).toISOString()).toBe('2026-03-30T00:00:00.000Z');
  });
});
