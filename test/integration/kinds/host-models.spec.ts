import 'reflect-metadata';
import { once } from 'node:events';
import { type AddressInfo } from 'node:net';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { KeyService } from '../../../src/access/index.js';
import { CallbacksModule } from '../../../src/callbacks/index.js';
import { DatabaseModule } from '../../../src/database/index.js';
import { EventStoreModule } from '../../../src/event-store/index.js';
import { configureHttp, HttpAdapter, HttpModule } from '../../../src/http/index.js';
import { imageKind } from '../../../src/image/index.js';
import { ApidotModule } from '../../../src/provider/apidot/index.js';
import { systemClock } from '../../../src/shared/clock.js';
import { startSimulator, type Simulator } from '../../../src/simulator/index.js';
import { KindRegistry } from '../../../src/tasks/index.js';
import { TASKS_FOR_TESTS } from '../../support/core-application.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { ALL_SCOPES, clientFor, type Client } from '../../support/server.js';
import { HostModule } from './example/host.module.js';
import { houseModels } from './example/house.models.js';
import { scentKind } from './example/scent.kind.js';

/*
 * The host application of docs/models-for-hosts.md, whole: its models are checked, shown, submitted and finished like ours.
 */

let database: TestDatabase;
let simulator: Simulator;
let app: NestFastifyApplication;
let acme: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ speed: 500, seed: 11 });
  const apidot = ApidotModule.forRoot({
    baseUrl: simulator.url,
    apiKey: 'sk-test',
    submitTimeoutMs: 2_000,
    statusTimeoutMs: 1_000,
    requestsPerMinute: null,
    submitRetryInitialMs: 20,
    submitRetryMaxMs: 200,
    breaker: { failures: 10, openMs: 200 },
    clock: systemClock,
    random: Math.random,
  });
  const testing = await Test.createTestingModule({
    imports: [
      DatabaseModule.forRoot({ url: database.url, schema: database.schema, migrate: false }),
      EventStoreModule.forRoot({ inlineProjections: ['project_tasks'] }),
      CallbacksModule.forRoot({ publicUrl: null, secrets: ['s'.repeat(32)] }),
      { ...apidot, global: true },
      HostModule.forRoot(TASKS_FOR_TESTS),
      HttpModule.forRoot({
        rateLimitPerMinute: 1_000_000,
        resultTtlMs: 86_400_000,
        metricsToken: null,
        version: '1.2.3',
      }),
    ],
  }).compile();
  app = testing.createNestApplication<NestFastifyApplication>(new HttpAdapter(), {
    logger: ['error', 'fatal'],
  });
  configureHttp(app);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  const server = app.getHttpServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { key } = await app
    .get(KeyService, { strict: false })
    .create({ owner: 'acme', scopes: [...ALL_SCOPES] });
  acme = clientFor(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, key);
});
afterAll(async () => {
  await app?.close();
  await simulator?.close();
  await database?.drop();
});

interface Shown extends Record<string, unknown> {
  domain: string;
  model: string;
  modes: { mode: string; input_schema: object; example_input: object }[];
}

const cases: readonly [domain: string, model: string, mode: string][] = [
  ['image', 'house-portrait', 'portrait'],
  ['scent', 'scent-1', 'text-to-scent'],
  ['scent', 'scent-1', 'picture-to-scent'],
];

it.each(cases)('%s/%s as %s: shown, submitted, finished', async (domain, model, mode) => {
  const { body: shown } = await acme.call<Shown>('GET', `/v1/models/${model}`);
  expect(shown).toMatchObject({ domain, model });
  const { input_schema, example_input } = shown.modes.find((each) => each.mode === mode)!;
  expect(new Ajv2020({ strict: false, validateFormats: false }).compile(input_schema)(example_input)).toBe(
    true,
  );

  const { status, body } = await acme.submit(domain, model, example_input);
  expect({ status, body }).toMatchObject({
    status: 202,
    body: { domain, model, mode, input: example_input },
  });
  expect((await simulator.nextSubmit({ contains: JSON.stringify(example_input), after: 0 })).input).toEqual(
    example_input,
  );
  expect(await acme.ended(body.id)).toMatchObject({ status: 'succeeded', domain, model });
});

it.each<[string, string, object, string[]]>([
  [
    'image',
    'house-portrait',
    { prompt: 'x', photo_url: 'http://10.0.0.1/a' },
    ['/input/photo_url private_host'],
  ],
  [
    'image',
    'house-portrait',
    { promt: 'x' },
    ['/input/prompt required', '/input/photo_url required', '/input/promt unknown_field'],
  ],
  ['scent', 'scent-1', { prompt: 'xyz', notes: 21 }, ['/input/notes max']],
  [
    'scent',
    'scent-1',
    { prompt: 'xyz', notes: 11, image_urls: ['https://example.com/a.jpg'] },
    ['/input/notes max'],
  ],
  ['image', 'scent-1', { prompt: 'xyz' }, ['/model unknown_model']],
])('%s/%s refuses %j', async (domain, model, input, expected) => {
  const { status, body } = await acme.submit(domain, model, input);
  expect(status).toBe(422);
  const errors = (body.errors ?? []) as { pointer: string; code: string }[];
  expect(errors.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual(expected);
});

it('the catalogue and the OpenAPI document list them beside ours', async () => {
  const { body } = await acme.call<{ data: Shown[] }>('GET', '/v1/models?domain=scent');
  expect(body.data.map(({ model }) => model)).toEqual(['scent-1']);
  const { body: document } = await acme.call<{ paths: object; components: { schemas: object } }>(
    'GET',
    '/openapi.json',
  );
  expect(Object.keys(document.components.schemas)).toEqual(
    expect.arrayContaining(['house-portrait.submit', 'scent-1.picture-to-scent.input', 'gpt-image-2.submit']),
  );
  expect(JSON.stringify(document.paths)).toContain('scent');
});

describe('what makes no sense stops the start', () => {
  const [own] = houseModels;

  it('a model whose name is taken', () => {
    const taken = { ...own!, model: 'gpt-image-2' };
    expect(() => new KindRegistry({ kinds: [imageKind({ models: [taken] })] })).toThrow(
      'The model "gpt-image-2" of kind "image" is registered already, by kind "image".',
    );
  });

  it('a model without a mode', () => {
    expect(() => imageKind({ models: [{ ...own!, modes: [] }] })).toThrow(
      'The model house-portrait has no mode.',
    );
  });

  it('an example that is refused', () => {
    const modes = [{ ...own!.modes[0]!, example: { prompt: 'x' } }];
    expect(() => imageKind({ models: [{ ...own!, modes }] })).toThrow(
      'The example of portrait of the model house-portrait is none: photo_url is required',
    );
  });

  it('a kind without a model', () => {
    expect(() => new KindRegistry({ kinds: [{ ...scentKind, models: [] }] })).toThrow(
      'The kind "scent" brings no model; register at least one.',
    );
  });
});
