import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type ConnectionOptions } from '../../../database/index.js';
import { type RangeReport, type RangeVerifier } from './verify-range.js';

/** Beside this file, in the language that this file is run in. */
const WORKER = new URL(`./range-worker${extname(import.meta.url)}`, import.meta.url);

interface Answer {
  readonly report?: RangeReport;
  readonly error?: string;
}

/** Threads that check ranges, each on a connection of its own. */
export class RangeWorkers {
  readonly lanes: readonly RangeVerifier[];
  private readonly workers: readonly Worker[];

  constructor(threads: number, connection: ConnectionOptions) {
    this.workers = Array.from({ length: threads }, () => new Worker(WORKER, { workerData: connection }));
    this.lanes = this.workers.map((worker): RangeVerifier => async (range) => {
      worker.postMessage(range);
      // A thread that dies emits `error`, which rejects here.
      const [{ report, error }] = (await once(worker, 'message')) as [Answer];
      if (report === undefined) throw new Error(error);
      return report;
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}
