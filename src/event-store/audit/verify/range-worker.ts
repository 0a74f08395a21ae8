import { parentPort, workerData } from 'node:worker_threads';
import { type ConnectionOptions, createPool } from '../../../database/index.js';
import { StoredLog } from './stored-log.js';
import { type Range, verifyRange } from './verify-range.js';

/*
 * A thread that checks ranges on a connection of its own: a range comes in, its report goes out.
 */

const options = workerData as ConnectionOptions;
const pool = createPool({ ...options, poolSize: 1 });
const log = new StoredLog(pool, options.schema);

parentPort!.on('message', (range: Range) => {
  verifyRange(log, range).then(
    (report) => parentPort!.postMessage({ report }),
    (error: unknown) =>
      parentPort!.postMessage({ error: error instanceof Error ? error.message : String(error) }),
  );
});
