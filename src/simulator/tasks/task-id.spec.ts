import { DOMAINS } from './model-profile.js';
import { makeTaskId, readTaskId } from './task-id.js';

describe('task ids', () => {
  const everyCount = [1, 2, 3, 4, 5, 6, 7, 8, 9];

  it.each(
    DOMAINS.flatMap((domain) =>
      everyCount.map((files) => ({ domain, files, createdAtSeconds: 1_757_165_031 })),
    ),
  )('tell %j', (parts) => {
    const id = makeTaskId(parts);
    expect(id).toMatch(/^task-(unified|music)-1757165031-[0-9a-z]{8}$/);
    expect(readTaskId(id)).toEqual(parts);
  });

  it('tell at most nine files and at least one', () => {
    const filesOf = (files: number) =>
      readTaskId(makeTaskId({ domain: '3d', files, createdAtSeconds: 1 }))?.files;
    expect([filesOf(0), filesOf(16)]).toEqual([1, 9]);
  });

  it('differ within a second', () => {
    const parts = { domain: 'image', files: 1, createdAtSeconds: 1 } as const;
    expect(new Set(Array.from({ length: 5_000 }, () => makeTaskId(parts))).size).toBe(5_000);
  });

  it.each([
    '',
    'FDR7H8Y7JAL97KCV',
    'task-unified-1757165031-uyujaw3',
    'task-unified-x-uyujaw3d',
    'task-video-1-uyujaw3d',
  ])('are not %j', (id) => {
    expect(readTaskId(id)).toBeNull();
  });
});
