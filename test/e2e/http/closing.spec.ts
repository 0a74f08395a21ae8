import { connect } from 'node:net';
import { once } from 'node:events';
import { startSimulator, type Simulator } from '../../../src/simulator/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { startTestServer } from '../../support/server.js';

let database: TestDatabase;
let simulator: Simulator;

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator();
});
afterAll(async () => {
  await simulator.close();
  await database.drop();
});

it('a connection that was opened and never used does not hold the server', async () => {
  const server = await startTestServer(database, simulator.url);
  const { port, hostname } = new URL(server.url);
  const unused = connect(Number(port), hostname);
  unused.on('error', () => undefined);
  await once(unused, 'connect');
  const started = performance.now();
  await server.stop();
  expect(performance.now() - started).toBeLessThan(10_000);
});

it('a request under way is answered before the server ends', async () => {
  const server = await startTestServer(database, simulator.url);
  const acme = await server.client();
  const gate = simulator.hold('submit');
  const { body } = await acme.submit('image', 'gpt-image-2', { prompt: 'wait for me' });
  const waiting = acme.call('GET', `/v1/tasks/${body.id}?wait=30`);
  await gate.reached();
  const stopped = server.stop();
  expect((await waiting).status).toBe(200);
  gate.release();
  await stopped;
});
