import { createServer } from 'node:http';

/*
 * A provider for the benchmark of detection lag. It keeps nothing: what a task does is written in its id.
 *
 *   task-ends-<milliseconds after POST /start>-<number>   running, then finished
 *   task-hangs-<number>                                   reads of it are never answered
 */
const [port, latencyMs] = process.argv.slice(2).map(Number) as [number, number];
let startedAt = Number.POSITIVE_INFINITY;
let reads = 0;

const server = createServer((request, response) => {
  const url = request.url ?? '';
  if (url === '/start') {
    startedAt = Date.now();
    return void response.end(String(startedAt));
  }
  if (url === '/reads') return void response.end(String(reads));
  const id = url.slice(url.lastIndexOf('/') + 1);
  const [, kind, offset] = id.split('-');
  reads++;
  if (kind !== 'ends') return;
  setTimeout(() => {
    const isOver = Date.now() >= startedAt + Number(offset);
    const files = [{ file_url: `https://files.example/${id}.png`, file_type: 'image' }];
    const data = {
      task_id: id,
      status: isOver ? 'finished' : 'running',
      files: isOver ? files : [],
      progress: isOver ? 100 : 50,
    };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ code: 200, data }));
  }, latencyMs);
});
server.keepAliveTimeout = 65_000;
server.listen(port, '127.0.0.1', () => process.stdout.write('ready\n'));
