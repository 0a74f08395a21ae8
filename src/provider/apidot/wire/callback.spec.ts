import fc from 'fast-check';
import { sampleBytes } from '../testing/samples.js';
import { readCallback } from './callback.js';

const ID = 'task-unified-1757165031-uyujaw3d';
const post = (body: unknown) =>
  readCallback(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));

it.each([
  ['webhook-finished', 'finished', 1],
  ['webhook-finished-flat', 'finished', 1],
  ['webhook-failed', 'failed', 0],
  ['webhook-failed-flat', 'failed', 0],
])('%s', (name, status, files) => {
  const reading = readCallback(sampleBytes(name));
  expect(reading).toMatchObject({ kind: 'report', report: { providerTaskId: ID, status } });
  expect(reading.kind === 'report' && reading.report.files.length).toBe(files);
});

it('both shapes of one message mean the same', () => {
  expect(readCallback(sampleBytes('webhook-finished-flat'))).toEqual(
    readCallback(sampleBytes('webhook-finished')),
  );
});

it('the code of the envelope does not hide the report', () => {
  expect(post({ code: 500, data: { task_id: ID, status: 'failed' } })).toMatchObject({
    report: { status: 'failed' },
  });
});

it.each([
  ['nothing', ''],
  ['no JSON', 'task_id=1&status=finished'],
  ['half a JSON', '{"task_id":"t"'],
  ['a list', [{ task_id: 't', status: 'finished' }]],
  ['a text', '"finished"'],
  ['null', 'null'],
  ['no id', { status: 'finished' }],
  ['an empty id', { task_id: '', status: 'finished' }],
  ['an unusable id', { task_id: '../x', status: 'finished' }],
  ['no status', { task_id: 't' }],
  ['an empty status', { task_id: 't', status: '' }],
  ['a status that is no text', { task_id: 't', status: { word: 'finished' } }],
  ['id and status in different places', { task_id: 't', data: { status: 'finished' } }],
  ['fields of the prototype only', '{"__proto__":{"task_id":"t","status":"finished"}}'],
])('%s is malformed', (_, body) => {
  expect(post(body)).toEqual({ kind: 'malformed' });
});

it('a million brackets, deep objects and broken UTF-8 do not throw', () => {
  const depth = 100_000;
  for (const bytes of [
    Buffer.from('['.repeat(1024 * 1024)),
    Buffer.from('{"data":'.repeat(depth) + '1' + '}'.repeat(depth)),
    Buffer.from(`{"task_id":"t","data":${'{"data":'.repeat(depth)}1${'}'.repeat(depth)}}`),
    Buffer.from([0xc3, 0x28, 0xff]),
    Buffer.alloc(1024 * 1024, 0x20),
  ]) {
    expect(readCallback(bytes)).toEqual({ kind: 'malformed' });
  }
});

it('a callback of a mebibyte is read like any other', () => {
  expect(post({ task_id: 't', status: 'finished', padding: 'x'.repeat(1024 * 1024) })).toMatchObject({
    report: { providerTaskId: 't' },
  });
});

it('keeps the prototype of everything as it is', () => {
  post(
    '{"task_id":"t","status":"finished","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
  );
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

it('never throws on bytes and on JSON', () => {
  const isReading = (bytes: Buffer): boolean => ['malformed', 'report'].includes(readCallback(bytes).kind);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => isReading(Buffer.from(bytes))));
  fc.assert(fc.property(fc.json(), (json) => isReading(Buffer.from(json))));
});
