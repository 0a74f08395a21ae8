import { Client } from 'undici';
import { rawServer } from '../testing/loopback.js';
import { AnswerReceiver } from './answer-receiver.js';
import { StartGate } from './start-gate.js';

const send = (client: Client, gate: StartGate): Promise<unknown> => {
  const receiver = new AnswerReceiver(gate);
  client.dispatch({ path: '/', method: 'GET' }, receiver);
  return receiver.reception;
};

it('lets a request start once: a second start through the same gate writes nothing', async () => {
  await using server = await rawServer((socket, whole) => {
    void whole().then(() => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
  });
  const client = new Client(server.url, { pipelining: 0 });
  const gate = new StartGate(() => true);
  expect(gate.state).toBe('waiting');
  await expect(send(client, gate)).resolves.toMatchObject({ kind: 'whole', status: 200 });
  expect(gate.state).toBe('started');
  await expect(send(client, gate)).resolves.toMatchObject({ kind: 'broken', status: null });
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
    await expect(send(client, gate)).resolves.toMatchObject({ kind: 'broken', status: null });
  }
  expect([gate.state, asked, server.received()]).toEqual(['refused', 1, '']);
  await client.destroy();
});

it('stays shut for a call that was given up before its connection stood', async () => {
  await using server = await rawServer(() => undefined);
  const client = new Client(server.url);
  const gate = new StartGate(() => true);
  const receiver = new AnswerReceiver(gate);
  client.dispatch({ path: '/', method: 'GET' }, receiver);
  receiver.giveUp();
  await expect(receiver.reception).resolves.toEqual({ kind: 'broken', status: null, error: null });
  await client.close();
  expect([gate.state, server.received()]).toEqual(['waiting', '']);
});
