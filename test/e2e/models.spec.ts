import { startSimulator, type Simulator } from '../../src/simulator/index.js';
import { allEntries, type Entry } from '../fixtures/models/entries.js';
import { judge } from '../fixtures/models/judge.js';
import { mutations } from '../fixtures/models/mutations.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { type Client, startTestServer, type TestServer } from '../support/server.js';

/*
 * Every model and mode through the whole server: valid inputs reach the provider as they were sent, wrong ones are
 * refused at their fields. Ids inside inputs are let pass here; models-references.spec.ts checks whose they are.
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

  describe('wrong inputs are refused at every wrong field', () => {
    it.each([...new Set(entries.map(({ model }) => model))])('%s', async (model) => {
      const facts = entries.filter((entry) => entry.model === model);
      for (const { input, places } of facts.flatMap((entry) => sampleOfWrong(facts, entry))) {
        const { code, errors } = await refusal(facts[0]!.domain, model, input);
        expect(code).toBe('invalid_request');
        const pointers = errors!.map(({ pointer }) => pointer);
        const missed = places.filter((place) => !place.some((pointer) => pointers.includes(pointer)));
        expect({ input, missed }).toEqual({ input, missed: [] });
        for (const { message } of errors!) expect(message).toMatch(/^\S.*[.?]$/s);
      }
    });
  });
});

/** How many wrong inputs of a mode go over the wire; the oracle looks at all of them. */
const SAMPLE = 6;

/** Wrong inputs of a mode, spread over its fields and rules, with the places of which each must name one. */
function sampleOfWrong(
  facts: readonly Entry[],
  entry: Entry,
): { readonly input: object; readonly places: readonly (readonly string[])[] }[] {
  const wrong = [...mutations(entry)].flatMap(({ input }) => {
    const judgement = judge(facts, input);
    const places = 'noModeAt' in judgement ? [judgement.noModeAt] : judgement.wrong.map(({ at }) => at);
    // Places that end in a slash stand for anything below them, which this sample leaves to the oracle.
    return places.length > 0 &&
      JSON.stringify(input).length < 20_000 &&
      !places.flat().some((place) => place.endsWith('/'))
      ? [{ input, places }]
      : [];
  });
  const stride = Math.max(1, Math.floor(wrong.length / SAMPLE));
  return wrong.filter((_, index) => index % stride === 0);
}
