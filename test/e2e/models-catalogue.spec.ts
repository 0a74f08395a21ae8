import { Ajv2020 } from 'ajv/dist/2020.js';
import { startSimulator, type Simulator } from '../../src/simulator/index.js';
import { allEntries } from '../fixtures/models/entries.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { type Client, startTestServer, type TestServer } from '../support/server.js';

/*
 * What callers read about models: the catalogue and the OpenAPI document, with the same schemas.
 */

interface Shown extends Record<string, unknown> {
  domain: string;
  model: string;
  family: string;
  availability: string;
  modes: {
    mode: string;
    input_schema: Record<string, unknown>;
    example_input: object;
    result: { file_type: string; count: number | string | null };
  }[];
}
type Schema = Record<string, unknown>;

const entries = allEntries();
const names = [...new Set(entries.map(({ model }) => model))];

let database: TestDatabase;
let simulator: Simulator;
let server: TestServer;
let acme: Client;
let shown: Shown[];
let document: { openapi: string; jsonSchemaDialect: string; components: { schemas: Record<string, Schema> } };

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator();
  server = await startTestServer(database, simulator.url, { MODEL_CATALOGUE: 'all' });
  acme = await server.client();
  shown = (await acme.call<{ data: Shown[] }>('GET', '/v1/models')).body.data;
  document = (await acme.call<typeof document & Schema>('GET', '/openapi.json')).body;
});
afterAll(async () => {
  await server?.stop();
  await simulator?.close();
  await database?.drop();
});

/** A dialect of its own for the OpenAPI document, whose references lead into it. */
const validator = () => new Ajv2020({ strict: false, validateFormats: false });

it('the catalogue lists every model once, and each domain its own', async () => {
  expect(shown.map(({ model }) => model).sort()).toEqual([...names].sort());
  for (const domain of ['image', 'video', 'music', '3d']) {
    const { body } = await acme.call<{ data: Shown[] }>('GET', `/v1/models?domain=${domain}`);
    expect(body.data).toEqual(shown.filter((model) => model.domain === domain));
    expect(body.data.length).toBeGreaterThan(0);
  }
});

it.each(names)('%s: one object with domain, family, modes, schema, example and result', async (name) => {
  const { status, body } = await acme.call<Shown>('GET', `/v1/models/${encodeURIComponent(name)}`);
  expect(status).toBe(200);
  expect(body).toEqual(shown.find(({ model }) => model === name));
  const facts = entries.filter(({ model }) => model === name);
  expect(body).toMatchObject({ model: name, domain: facts[0]!.domain, family: facts[0]!.family });
  expect(body.modes.map(({ mode, result }) => ({ mode, result }))).toEqual(
    facts.map(({ mode, result: { file_type, count } }) => ({ mode, result: { file_type, count } })),
  );
  for (const { input_schema, example_input } of body.modes) {
    expect(input_schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(validator().validateSchema(input_schema)).toBe(true);
    expect(validator().compile(input_schema)(example_input)).toBe(true);
  }
});

it('the OpenAPI document carries the same schemas, in the same dialect', () => {
  expect(document).toMatchObject({
    openapi: expect.stringMatching(/^3\.1\./) as string,
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
  });
  for (const { model, modes } of shown) {
    for (const { mode, input_schema, example_input } of modes) {
      const name = `${model}.${mode}.input`.replace(/[^A-Za-z0-9._-]/g, '-');
      const { $schema, ...schema } = input_schema;
      expect({ name, $schema, schema: document.components.schemas[name] }).toEqual({
        name,
        $schema: document.jsonSchemaDialect,
        schema: { ...schema, examples: [example_input] },
      });
    }
  }
});

it('the schema of a submit in the OpenAPI document takes every example, and no other name of a model', () => {
  const ajv = validator();
  ajv.addSchema({ ...document, $id: 'https://genledger.example/openapi' });
  const submit = ajv.compile({ $ref: 'https://genledger.example/openapi#/components/schemas/Submit' });
  for (const { model, example_input } of entries)
    expect({ model, fits: submit({ model, input: example_input }) }).toEqual({ model, fits: true });
  expect(submit({ model: 'gpt-imge-2', input: { prompt: 'x' } })).toBe(false);
  expect(submit({ model: 'gpt-image-2', input: { prompt: 'x' }, inputs: {} })).toBe(false);
});

it.each([
  ['image', 'seedance2', 'seedance-2 (video)'],
  ['video', 'meshy6-text-to-3d', 'meshy-6-text-to-3d (3d)'],
  ['3d', 'Generate_Music', 'generate-music (music)'],
])('%s, %s: unknown, with the near name and its domain', async (domain, model, near) => {
  const { status, body } = await acme.call('POST', `/v1/${domain}/tasks`, { model, input: {} });
  expect([status, body.code]).toEqual([422, 'unknown_model']);
  expect(body.detail).toContain(near);
});

it.each(names)('%s in a wrong domain: says which one is right', async (model) => {
  const { domain, example_input } = entries.find((entry) => entry.model === model)!;
  const wrong = domain === 'image' ? 'music' : 'image';
  const { status, body } = await acme.submit(wrong, model, example_input);
  expect([status, (body as unknown as { code: string }).code]).toEqual([422, 'unknown_model']);
  expect((body as unknown as { detail: string }).detail).toContain(`/v1/${domain}/tasks`);
});
