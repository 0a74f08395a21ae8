/** A process that rebuilds, and kills itself as soon as a phase has come as far as it was told to. */
import { rebuild } from '../../../src/event-store/index.js';
import { taskProjection } from '../../../src/tasks/index.js';

const { url, schema, phase, position } = JSON.parse(process.argv[2]!) as {
  url: string;
  schema: string;
  phase: string;
  position: number;
};
await rebuild(taskProjection, {
  connection: { url, schema },
  programVersion: 'spec',
  limits: { rangeSize: 40 },
  onProgress: (progress) => {
    if (progress.phase === phase && progress.position >= position) process.kill(process.pid, 'SIGKILL');
  },
});
