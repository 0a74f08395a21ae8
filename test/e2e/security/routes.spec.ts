import { Controller, Get } from '@nestjs/common';
import { startSimulator, type Simulator } from '../../../src/simulator/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { startWalkedServer, type WalkedServer } from './walked-server.js';

/*
 * The table of routes of the running application: whatever is added to it, here or in years, says who may call it.
 */

let database: TestDatabase;
let simulator: Simulator;
let server: WalkedServer;

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator();
  server = await startWalkedServer(database, simulator.url, { METRICS_TOKEN: 'collector' });
});
afterAll(async () => {
  await server?.stop();
  await simulator?.close();
  await database?.drop();
});

const nameOf = ({ method, url }: { method: string; url: string }): string => `${method} ${url}`;

const concrete = (url: string): string =>
  url.replace(':domain', 'image').replace(/:\w+/g, '0199f3c2-0000-7000-8000-000000000000').replace('*', 'x');

it('every route declares who may call it', () => {
  expect(server.routes.length).toBeGreaterThan(25);
  expect(server.routes.filter(({ access }) => access === undefined)).toEqual([]);
});

it('those that ask for no API key are exactly these', () => {
  const open = server.routes.filter(({ access, url }) => access?.kind !== 'key' && !url.startsWith('/docs'));
  expect(open.map((route) => `${route.access?.kind}: ${nameOf(route)}`).sort()).toEqual([
    'callback: POST /v1/callbacks/apidot/:task_id/:attempt/:token',
    'metrics: GET /metrics',
    'public: GET /health/live',
    'public: GET /health/ready',
    'public: GET /openapi.json',
  ]);
});

it('the API page is open and only read', () => {
  const docs = server.routes.filter(({ url }) => url.startsWith('/docs'));
  expect(docs.length).toBeGreaterThan(0);
  expect(docs.filter(({ method, access }) => method !== 'GET' || access?.kind !== 'public')).toEqual([]);
});

it('what is declared is done: without a key each guarded route answers 401 and nothing else', async () => {
  const guarded = server.routes.filter(({ access }) => access?.kind === 'key' || access?.kind === 'metrics');
  const answers = await Promise.all(
    guarded.map(async (route) => {
      const { status } = await fetch(`${server.url}${concrete(route.url)}`, { method: route.method });
      return `${nameOf(route)} ${status}`;
    }),
  );
  expect(answers).toEqual(guarded.map((route) => `${nameOf(route)} 401`));
});

it('the OpenAPI document has each route, and with the same scope', async () => {
  const { paths } = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { description?: string; security: object[] }>>;
  };
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { description, security }]) => {
      const scope = /`(.*)`/.exec(description ?? '')?.[1] ?? (security.length > 0 ? 'any key' : 'none');
      return `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}: ${scope}`;
    }),
  );
  const served = server.routes
    .filter(({ url }) => !url.startsWith('/docs'))
    .map((route) => {
      const { access } = route;
      const scope = access?.kind === 'key' ? (access.scope ?? 'any key') : 'none';
      return `${nameOf(route)}: ${scope}`;
    });
  expect(served.sort()).toEqual(documented.sort());
});

it('a route that says nothing stops the start', async () => {
  @Controller('forgotten')
  class ForgottenController {
    @Get()
    get(): string {
      return 'open to anybody';
    }
  }
  await expect(startWalkedServer(database, simulator.url, {}, [ForgottenController])).rejects.toThrow(
    'GET /forgotten does not say who may call it',
  );
});
