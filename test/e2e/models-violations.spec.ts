import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { startSimulator, type Simulator } from '../../src/simulator/index.js';
import { disagreement, type Refusal } from '../fixtures/models/agreement.js';
import { allEntries, type Entry, type Input } from '../fixtures/models/entries.js';
import { judge, type Judgement } from '../fixtures/models/judge.js';
import { mutations } from '../fixtures/models/mutations.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { clientFor, startTestServer, testEnvironment } from '../support/server.js';
import { type ServerProcess, startServerProcess } from '../support/server-process.js';

/*
 * Every input that the oracle generates and that the facts call wrong, sent to a server in a process of its own. Each is answered with 422 and exactly the pointers that the facts ask for; then nothing is stored and the
 * provider has heard of nothing.
 */

/** Kept alive, one request at a time on each. */
const CONNECTIONS = 8;

interface Violation {
  readonly model: string;
  readonly title: string;
  readonly input: Input;
  readonly judgement: Judgement;
}

/** All wrong inputs of the offered modes. A mode that is not offered cannot be what an input is taken for. */
function* violations(offered: readonly Entry[]): Generator<Violation> {
  for (const entry of offered) {
    const facts = offered.filter(({ model }) => model === entry.model);
    for (const { title, input } of mutations(entry)) {
      const judgement = judge(facts, input);
      if ('noModeAt' in judgement || judgement.wrong.length > 0)
        yield { model: entry.model, title: `${entry.id}: ${title}`, input, judgement };
    }
  }
}

let database: TestDatabase;
let simulator: Simulator;
let folder: string;
let key: string;

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ speed: 1_000 });
  folder = await mkdtemp(join(tmpdir(), 'genledger-violations-'));
  const maker = await startTestServer(database, simulator.url, { ROLES: 'api', DATA_DIR: folder });
  ({ key } = await maker.client());
  await maker.stop();
});
afterAll(async () => {
  await simulator?.close();
  await rm(folder, { recursive: true, force: true });
  await database?.drop();
});

const all = allEntries();
const served = all.filter(({ availability }) => availability !== 'poyo-only');
/** Models that have fewer modes by default; the others are the same in both catalogues. */
const partly = new Set(
  all.flatMap(({ model }) => {
    const modes = served.filter((entry) => entry.model === model).length;
    return modes > 0 && modes < all.filter((entry) => entry.model === model).length ? [model] : [];
  }),
);

const catalogues = [
  { catalogue: 'all', which: 'every model', offered: all },
  {
    catalogue: 'apidot',
    which: 'models with fewer modes by default',
    offered: served.filter(({ model }) => partly.has(model)),
  },
].map(({ offered, ...rest }) => {
  const perDomain = [...new Set(offered.map(({ domain }) => domain))].map((domain) => {
    const cases = [...violations(offered.filter((entry) => entry.domain === domain))];
    return { domain, cases, count: cases.length };
  });
  return { ...rest, perDomain, total: perDomain.reduce((sum, { count }) => sum + count, 0) };
});

const counts = async (): Promise<Record<string, number>> => {
  const { rows } = await database.pool.query<Record<string, number>>(
    // Whatever a request stored would begin a stream; a task that is there already goes on meanwhile. The log's own first
    // event says where it lies, no caller brings it about.
    `select (select count(distinct stream_id)::int from event where type <> 'LogPlaced') as streams,
            (select count(*)::int from task) as tasks`,
  );
  return { ...rows[0], submits: simulator.ledger.counts.submits };
};

describe.each(catalogues)('MODEL_CATALOGUE=$catalogue: $total wrong inputs of $which over HTTP', (each) => {
  let server: ServerProcess;
  let pool: Pool;
  let before: Record<string, number>;
  let answered = 0;

  beforeAll(async () => {
    const environment = await testEnvironment(database, simulator.url, {
      MODEL_CATALOGUE: each.catalogue,
      DATA_DIR: folder,
    });
    server = await startServerProcess(environment, folder);
    pool = new Pool(server.url, { connections: CONNECTIONS });
    before = await counts();
  });
  afterAll(async () => {
    await pool?.close();
    expect(await server?.end('SIGTERM')).toBe(0);
  });

  const send = async (
    domain: string,
    { model, title, input, judgement }: Violation,
  ): Promise<object | null> => {
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path: `/v1/${domain}/tasks`,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, input }),
    });
    const { code, errors = [] } = (await body.json()) as { code: string; errors?: Refusal[] };
    answered += 1;
    const { missed, invented } = disagreement(judgement, errors);
    return statusCode === 422 && code === 'invalid_request' && missed.length + invented.length === 0
      ? null
      : { title, statusCode, code, missed, invented, input: JSON.stringify(input).slice(0, 400) };
  };

  it.each(each.perDomain)(
    '$domain: all $count are 422 at the right pointers',
    async ({ domain, cases }) => {
      const differing: object[] = [];
      const left = cases.values();
      const caller = async (): Promise<void> => {
        for (const wrong of left) {
          const difference = await send(domain, wrong);
          if (difference) differing.push(difference);
        }
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, caller));
      expect({ differing: differing.length, first: differing.slice(0, 5) }).toEqual({
        differing: 0,
        first: [],
      });
    },
    120_000,
  );

  it('afterwards nothing is stored and nothing was sent; a right input still is', async () => {
    expect(answered).toBe(each.total);
    expect(await counts()).toEqual(before);

    const { status, body } = await clientFor(server.url, key).submit('image', 'gpt-image-2', {
      prompt: 'A red bicycle',
    });
    expect(status).toBe(202);
    await simulator.nextSubmit({ contains: body.id, after: 0 });
    expect(await counts()).toMatchObject({ tasks: before.tasks! + 1, submits: before.submits! + 1 });
  });
});
