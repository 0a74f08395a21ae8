import { startSimulator, type Simulator } from '../../src/simulator/index.js';
import { allEntries, type Entry } from '../fixtures/models/entries.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { type Client, startTestServer, type TestServer } from '../support/server.js';

/*
 * Every model and mode through the whole server: valid inputs reach the provider as they were sent. Wrong ones:
 * models-violations.spec.ts. Ids inside inputs are let pass here; models-references.spec.ts checks whose they are.
 */

const entries = allEntries();
const poyoOnly = entries.filter(({ availability }) => availability === 'poyo-only');
const served = entries.filter(({ availability }) => availability !== 'poyo-only');
const servedModels = new Set(served.map(({ model }) => model));

let database: TestDatabase;
let simulator: Simulator;
let server: TestServer;
let acme: Client;

const start = async (environment: Record<string, string>): Promise<void> => {
  database = await createTestDatabase();
  simulator = await startSimulator({ speed: 1_000, seed: 5 });
  server = await startTestServer(database, simulator.url, {
    ALLOW_FOREIGN_PROVIDER_IDS: 'true',
    ...environment,
  });
  acme = await server.client();
};
const stop = async (): Promise<void> => {
  await server?.stop();
  await simulator?.close();
  await database?.drop();
};

const expectReachesProvider = async ({ domain, model, mode, example_input }: Entry): Promise<void> => {
  const accepted = await acme.submit(domain, model, example_input);
  expect({ model, mode, status: accepted.status, problem: accepted.body.errors }).toEqual({
    model,
    mode,
    status: 202,
    problem: undefined,
  });
  expect(accepted.body).toMatchObject({ domain, model, mode, input: example_input });
  // The callback URL in the body carries the id of the task.
  const sent = await simulator.nextSubmit({ contains: accepted.body.id, after: 0 });
  expect({ model: sent.model, input: sent.input }).toEqual({ model, input: example_input });
};

interface Problem extends Record<string, unknown> {
  code: string;
  errors?: { pointer: string; code: string; message: string }[];
}
const refusal = async (domain: string, model: string, input: object): Promise<Problem> => {
  const { status, body } = await acme.call<Problem>('POST', `/v1/${domain}/tasks`, { model, input });
  expect({ model, input, status }).toEqual({ model, input, status: 422 });
  return body;
};

describe('by default', () => {
  beforeAll(() => start({}));
  afterAll(stop);

  it.each(served)('$id: its example reaches the provider unchanged', expectReachesProvider);

  it.each(poyoOnly)('$id, known only from PoYo, is not offered', async ({ domain, model, example_input }) => {
    const { code } = await refusal(domain, model, example_input);
    expect(code).toBe(servedModels.has(model) ? 'invalid_request' : 'unknown_model');
  });
});

describe('with MODEL_CATALOGUE=all', () => {
  beforeAll(() => start({ MODEL_CATALOGUE: 'all' }));
  afterAll(stop);

  it.each(poyoOnly)('$id: its example reaches the provider unchanged', expectReachesProvider);
});
