/**
 * A process that uses an embedded server: takes the options as JSON, writes one line of JSON when it has the server, and
 * gives it back when told to over its input. Killing it is the point of most specs that start it.
 */
import { once } from 'node:events';
import { startEmbeddedPostgres, type EmbeddedPostgresOptions } from '../../../src/database/index.js';

const options = JSON.parse(process.argv[2]!) as EmbeddedPostgresOptions;
try {
  const database = await startEmbeddedPostgres(options);
  process.stdout.write(`${JSON.stringify({ url: database.url, info: database.info })}\n`);
  await once(process.stdin, 'data');
  process.stdout.write(`${JSON.stringify(await database.stop())}\n`);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: (error as Error).message })}\n`);
}
process.stdin.destroy();
