import { setTimeout as pause } from 'node:timers/promises';
import { verifyProjection } from '../../src/event-store/index.js';
import { taskProjection } from '../../src/tasks/index.js';
import { check } from '../chaos/check.js';
import { Clients } from '../chaos/clients.js';
import { createKey } from '../chaos/create-key.js';
import { readTables } from '../chaos/database.js';
import { Installation, LEASE_MS } from '../chaos/installation.js';
import { Operator } from '../chaos/operator.js';
import { type Plan, planOf } from '../chaos/plan.js';
import { settle } from '../chaos/settle.js';

/*
 * The line of the crash table that is about PostgreSQL: stopped in immediate mode under load, three times, with a provider
 * that works and a server that lives on.
 */

const options = { tasks: 120, minutes: 0.1, seed: 21, replicas: 1 };

let installation: Installation;
let plan: Plan;

beforeAll(async () => {
  plan = planOf(options, LEASE_MS);
  installation = await Installation.start(plan, 'src');
}, 60_000);
afterAll(() => installation?.close());

it('PostgreSQL stopped in immediate mode under load: nothing accepted is missing, nothing was created twice', async () => {
  const key = await createKey(installation, 'owner-0', 'tasks:write,tasks:read,operate,admin');
  const clients = new Clients(installation.url, [key, key], `run${options.seed}`);
  const submitting = clients.submitAll(plan.wishes);
  for (const share of [0.2, 0.5, 0.8]) {
    while (clients.accepted.length < options.tasks * share) await pause(10);
    await installation.stopPostgres();
    await installation.startPostgres();
  }
  await submitting;
  const settlement = await settle(
    installation,
    new Operator(installation.url, new Map([['owner-0', key]])),
    0,
  );
  expect(settlement.isOver).toBe(true);
  expect(await installation.stopReplicas()).toEqual([0]);

  const tables = await readTables(installation.database);
  expect(check({ accepted: clients.accepted, ledger: await installation.provider.ledger(), tables })).toEqual(
    [],
  );
  expect(clients.violations).toEqual([]);
  expect(installation.replicas[0]!.deaths).toEqual([]);
  const verification = await verifyProjection(taskProjection, { connection: installation.database });
  expect(verification).toMatchObject({ isComplete: true, differences: [] });
}, 120_000);
