import { Client, request } from 'undici';
import { rawServer } from '../testing/loopback.js';
import { StartGate } from './start-gate.js';

it('lets a request start once: a second start through the same gate writes nothing', async () => {
  await using server = await rawServer((socket, whole) => {
    void whole().then(() => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
  });
  const client = new Client(server.url, { pipelining: 0 });
  const gate = new StartGate(() => true);
  const dispatcher = gate.over(client);
  expect(gate.state).toBe('waiting');
  await request(server.url, { dispatcher });
  expect(gate.state).toBe('started');
  await expect(request(server.url, { dispatcher })).rejects.toThrow('not allowed to start');
  expect(gate.state).toBe('started');
  expect(server.received().match(/GET /g)).toHaveLength(1);
  await client.destroy();
});

it('asks for permission once, and a refusal is final', async () => {
  await using server = await rawServer(() => undefined);
  const client = new Client(server.url);
  let asked = 0;
  const gate = new StartGate(() => ++asked > 1);
  for (let n = 0; n < 2; n++) {
    await expect(request(server.url, { dispatcher: gate.over(client) })).rejects.toThrow(
      'not allowed to start',
    );
  }
  expect([gate.state, asked, server.received()]).toEqual(['refused', 1, '']);
  await client.destroy();
});
