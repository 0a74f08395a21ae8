/** A process that migrates: takes the options as JSON, and tells when it is about to and what it applied. */
import { once } from 'node:events';
import { migrate, type MigrateOptions } from '../../../src/database/index.js';

const options = JSON.parse(process.argv[2]!) as MigrateOptions;
process.stdout.write('"ready"\n');
await once(process.stdin, 'data');
try {
  process.stdout.write(`${JSON.stringify({ applied: await migrate(options) })}\n`);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: (error as Error).message })}\n`);
}
process.stdin.destroy();
