import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { startSimulator, type Simulator } from '../../src/simulator/index.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { codeIn, readPage, rowsOf } from './pages.js';

/*
 * The page of metrics against what a server under use really shows.
 */

const OWNER = 'owner-canary';
const PROMPT = 'prompt-canary';

let database: TestDatabase;
let simulator: Simulator;
let folder: string;
let server: TestServer;
let shown: string;
const ids: string[] = [];

interface Series {
  readonly name: string;
  readonly labels: readonly string[];
  readonly values: readonly string[];
  readonly value: number;
}

/** The series of our own metrics, one per line of the answer. */
const seriesOf = (text: string): Series[] =>
  text
    .split('\n')
    .flatMap((line) => /^(genledger_\w+?)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [])
    .flatMap((_, index, parts) => (index % 4 === 0 ? [parts.slice(index + 1, index + 4)] : []))
    .map(([name, labels = '', value]) => {
      const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)];
      return {
        name: name!,
        labels: pairs.map(([, label]) => label!),
        values: pairs.map(([, , said]) => said!),
        value: Number(value),
      };
    });

const valueOf = (name: string, ...values: string[]): number | undefined =>
  seriesOf(shown).find(
    (series) => series.name === name && values.every((value) => series.values.includes(value)),
  )?.value;

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ speed: 2_000, seed: 5 });
  folder = await mkdtemp(join(tmpdir(), 'genledger-metrics-'));
  server = await startTestServer(database, simulator.url, { DATA_DIR: folder, POLL_EXPECTED_MS: '100' });
  const client = await server.client(OWNER);
  const submit = async (fault: string): Promise<string> => {
    const { body } = await client.submit('image', 'gpt-image-2', { prompt: `${PROMPT} [[sim:${fault}]]` });
    ids.push(body.id);
    return body.id;
  };
  await client.ended(await submit('duration=1000'));
  await client.ended(await submit('duration=1000000;callback-never;word=brewing'));
  await client.ended(await submit('submit=400'));
  await client.until(await submit('submit=drop+nothing'), ({ status }) => status === 'unconfirmed');
  await client.until(await submit('duration=never;callback-never'), ({ status }) => status === 'submitted');
  await client.call('GET', `/v1/tasks/${ids[0]}?text=${PROMPT}`);
  await client.call('POST', `/v1/callbacks/apidot/${ids[0]}/1/token-canary`, {});
  shown = await (await fetch(`${server.url}/metrics`)).text();
});
afterAll(async () => {
  await server?.stop();
  await simulator?.close();
  await rm(folder, { recursive: true, force: true });
  await database?.drop();
});

it('docs/metrics.md has every metric with its type and labels, and no other', async () => {
  const registry = server.server.app.get(Registry, { strict: false });
  const registered = (await registry.getMetricsAsJSON())
    .map(({ name, type }) => ({ name, type: String(type) }))
    .filter(({ name }) => name.startsWith('genledger_'))
    .map(({ name, type }) => `${name} ${type}`);
  const listed = rowsOf(readPage('docs/metrics.md'))
    .filter(([name]) => codeIn(name)?.startsWith('genledger_') === true && codeIn(name)!.match(/^\w+$/))
    .filter(([, type]) => /^(counter|gauge|histogram)$/.test(type!));
  expect(listed.map(([name, type]) => `${codeIn(name)} ${type}`).sort()).toEqual(registered.sort());

  const labels = new Map(
    listed.map(([name, , cell]) => [
      codeIn(name)!,
      [...cell!.matchAll(/`(\w+)`/g)].map(([, label]) => label!),
    ]),
  );
  for (const series of seriesOf(shown)) {
    const name = labels.has(series.name) ? series.name : series.name.replace(/_(bucket|sum|count)$/, '');
    expect([series.name, series.labels.filter((label) => label !== 'le').sort()]).toEqual([
      series.name,
      [...labels.get(name)!].sort(),
    ]);
  }
});

it('every metric says what it is, in the types of Prometheus', () => {
  const names = [...shown.matchAll(/^# HELP (genledger_\w+) .+$/gm)].map(([, name]) => name!);
  const typed = [...shown.matchAll(/^# TYPE (genledger_\w+) (counter|gauge|histogram)$/gm)].map(
    ([, name]) => name!,
  );
  expect(typed).toEqual(names);
  expect(names.length).toBeGreaterThan(25);
});

it('what happened can be read off', () => {
  expect(valueOf('genledger_provider_calls_total', 'submit', 'accepted')).toBe(3);
  expect(valueOf('genledger_provider_calls_total', 'submit', 'rejected')).toBe(1);
  expect(valueOf('genledger_provider_calls_total', 'submit', 'connection_lost')).toBe(1);
  expect(valueOf('genledger_provider_calls_total', 'status', 'finished')).toBeGreaterThanOrEqual(2);
  expect(valueOf('genledger_provider_breaker_state', 'submit', 'closed')).toBe(1);
  expect(valueOf('genledger_provider_unknown_status_words_total')).toBeGreaterThanOrEqual(1);
  expect(valueOf('genledger_callbacks_total', 'accepted')).toBeGreaterThanOrEqual(1);
  expect(valueOf('genledger_callbacks_total', 'wrong_token')).toBe(1);
  expect(valueOf('genledger_detection_lag_seconds_count', 'callback')).toBe(1);
  expect(valueOf('genledger_detection_lag_seconds_count', 'poll')).toBe(1);
  expect(valueOf('genledger_tasks_open', 'unconfirmed')).toBe(1);
  expect(valueOf('genledger_tasks_open', 'submitted')).toBe(1);
  expect(valueOf('genledger_tasks_open', 'queued')).toBe(0);
  expect(valueOf('genledger_timers_due', 'submit')).toBe(0);
  expect(valueOf('genledger_account_paused', 'key')).toBe(0);
  expect(valueOf('genledger_appended_events_total')).toBeGreaterThan(15);
  expect(valueOf('genledger_log_head_position')).toBeGreaterThanOrEqual(
    valueOf('genledger_appended_events_total')!,
  );
});

it('no label carries an id, a URL or the text of an owner', () => {
  const canaries = [
    OWNER,
    'canary',
    'brewing',
    'http',
    ...ids,
    ...simulator.ledger.submits().flatMap((s) => s.taskId ?? []),
  ];
  for (const canary of canaries) expect(shown).not.toContain(`"${canary}`);
  for (const { name, values } of seriesOf(shown)) {
    for (const value of values) {
      // The route is the pattern of a path; everything else is a word or a number.
      expect([name, value]).toEqual([
        name,
        expect.stringMatching(/^([a-z_]+|[A-Z]+|[\d.]+|\+Inf|(\/[\w:.-]+)+|append|listen)$/),
      ]);
      expect(value).not.toMatch(/[0-9a-f]{8}-|task-/);
    }
  }
});

it('the number of series does not grow with use', async () => {
  const client = await server.client('another-owner');
  await Promise.all(
    Array.from({ length: 20 }, async (_, n) => {
      const { body } = await client.submit('image', 'gpt-image-2', {
        prompt: `more ${n} [[sim:duration=1000]]`,
      });
      await client.ended(body.id);
    }),
  );
  const again = await (await fetch(`${server.url}/metrics`)).text();
  const names = (text: string): Set<string> =>
    new Set(seriesOf(text).map(({ name, values }) => [name, ...values].join(' ')));
  const [before, after] = [names(shown), names(again)];
  // Outcomes and routes met for the first time, a handful.
  expect([...after].filter((series) => !before.has(series)).length).toBeLessThan(60);
});
