import { startSimulator, type Simulator } from '../../src/simulator/index.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { type Client, startTestServer, type TestServer } from '../support/server.js';

let database: TestDatabase;
let simulator: Simulator;
let server: TestServer;
let acme: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ speed: 2000 });
  server = await startTestServer(database, simulator.url);
  acme = await server.client();
});
afterAll(async () => {
  await server?.stop();
  await simulator?.close();
  await database?.drop();
});

const submit = (client: Client, prompt: string, key: string) =>
  client.submit('image', 'gpt-image-2', { prompt }, { 'idempotency-key': key });

it('the same key sent 50 times at once is one task and one provider submit', async () => {
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => submit(acme, 'fifty times', 'order-50')),
  );
  expect(answers.map((answer) => answer.status)).toEqual(Array(50).fill(202));
  expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
  expect(answers.filter((answer) => answer.headers.get('idempotency-replayed') === 'true')).toHaveLength(49);
  expect((await acme.ended(answers[0]!.body.id)).status).toBe('succeeded');
  expect(simulator.ledger.submits({ contains: 'fifty times' })).toHaveLength(1);
});

it('another order of keys in the body is the same request, another value is not', async () => {
  const first = await acme.call<{ id: string }>(
    'POST',
    '/v1/image/tasks',
    '{"model":"gpt-image-2","input":{"prompt":"ordered","quality":"low"}}',
    { 'idempotency-key': 'order-51' },
  );
  const turned = await acme.call<{ id: string }>(
    'POST',
    '/v1/image/tasks',
    '{"input":{"quality":"low","prompt":"ordered"},"model":"gpt-image-2"}',
    { 'idempotency-key': 'order-51' },
  );
  expect([turned.status, turned.body.id]).toEqual([202, first.body.id]);
  const other = await submit(acme, 'something else', 'order-51');
  expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
});

it('a key belongs to its owner: another owner gets a task of its own', async () => {
  const other = await server.client('globex');
  const [mine, theirs] = await Promise.all([submit(acme, 'mine', 'shared'), submit(other, 'mine', 'shared')]);
  expect(mine.body.id).not.toBe(theirs.body.id);
});

it('the repeat is answered before validation: an input the catalogue would refuse today is still the same task', async () => {
  const first = await submit(acme, 'before', 'order-52');
  const again = await submit(acme, 'before', 'order-52');
  expect(again.body.id).toBe(first.body.id);
  const refused = await acme.submit(
    'image',
    'gpt-image-2',
    { nonsense: 1 },
    { 'idempotency-key': 'order-52' },
  );
  expect(refused.body.code).toBe('idempotency_key_reused');
});
