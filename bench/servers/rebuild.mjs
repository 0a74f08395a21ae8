import 'reflect-metadata';
import { rebuild } from '../../dist/event-store/index.js';
import { taskProjection } from '../../dist/tasks/index.js';

/*
 * A rebuild of the read model in a process of its own, without what compiles TypeScript, so that its memory can be told.
 * Writes one line of JSON.
 *
 * Usage: rebuild.mjs DATABASE_URL SCHEMA
 */
const [url, schema] = process.argv.slice(2);
const [begun, cpuBegun] = [process.hrtime.bigint(), process.cpuUsage()];
const { position } = await rebuild(taskProjection, {
  connection: { url, schema },
  programVersion: 'bench',
  restart: true,
});
const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
const { user, system } = process.cpuUsage(cpuBegun);
// In KiB.
const { maxRSS } = process.resourceUsage();
process.stdout.write(
  `${JSON.stringify({
    events: position,
    seconds,
    mebibytes: maxRSS / 1024,
    cpuUsPerEvent: (user + system) / position,
  })}\n`,
);
