import { TASK_EVENT_VERSIONS } from '../../src/tasks/domain/task.events.js';
import {
  declaredAccountEvents,
  declaredSubmissionsEvents,
  declaredTaskEvents,
  type DeclaredEvent,
} from './declared-events.js';
import { codeIn, readPage, rowsOf, sectionOf } from './pages.js';

const page = readPage('docs/events.md');

/** What a chapter lists: names in order, each with its schema version and its fields. */
const listed = (chapter: string): (DeclaredEvent & { version: number })[] => {
  const text = sectionOf(page, chapter);
  return [...text.matchAll(/^### .*$/gm)].map(([heading]) => {
    const [, type, version] = /^### `(\w+)` (\d+)$/.exec(heading) ?? [];
    if (!type) throw new Error(`"${heading}" is not a name and a version.`);
    const fields = rowsOf(sectionOf(text, heading));
    const ofPart = (part: string) =>
      fields.filter((cells) => cells[1] === part).map(([name]) => codeIn(name) ?? `not a name: ${name}`);
    expect(fields.filter(([, part]) => part !== 'public' && part !== 'sealed')).toEqual([]);
    return { type, version: Number(version), public: ofPart('public'), sealed: ofPart('sealed') };
  });
};

describe('docs/events.md', () => {
  it('lists every event of a task with its version, and no other', () => {
    const versions = listed('## Events of a task').map(({ type, version }) => [type, version]);
    expect(Object.fromEntries(versions)).toEqual(TASK_EVENT_VERSIONS);
    expect(versions).toHaveLength(Object.keys(TASK_EVENT_VERSIONS).length);
  });

  it.each([
    ['## Events of a task', declaredTaskEvents],
    ['## Events of the provider account', declaredAccountEvents],
    ['## Events of the submissions', declaredSubmissionsEvents],
  ])('%s: the fields, public and sealed, in the order of the source', (chapter, declared) => {
    const events = listed(chapter).map(({ version: _version, ...event }) => event);
    expect(events).toEqual(declared());
    expect(events.length).toBeGreaterThan(2);
  });
});
