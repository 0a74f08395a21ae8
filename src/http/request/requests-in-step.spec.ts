import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { letRequestsWalkInStep } from './requests-in-step.js';

describe('Requests in step', () => {
  let server: FastifyInstance;
  let steps: string[];

  beforeEach(async () => {
    steps = [];
    server = Fastify();
    const note = (step: string): void => {
      server.addHook('onRequest', (request, _reply, done) => {
        steps.push(`${request.url} ${step}`);
        done();
      });
    };
    note('arrives');
    letRequestsWalkInStep(server);
    note('goes on');
    server.get('/:name', (request) => `answer to ${request.url}`);
    await server.listen({ port: 0, host: '127.0.0.1' });
  });
  afterEach(() => server.close());

  /** What lies in one packet arrives in one turn. Resolves with what the server says until it closes the connection. */
  const sendTogether = async (...paths: string[]): Promise<string> => {
    const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1');
    const request = (path: string, isLast: boolean): string =>
      `GET ${path} HTTP/1.1\r\nHost: here\r\n${isLast ? 'Connection: close\r\n' : ''}\r\n`;
    socket.write(paths.map((path, i) => request(path, i === paths.length - 1)).join(''));
    let said = '';
    socket.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await once(socket, 'close');
    return said;
  };

  it('go on when all of their turn have arrived', async () => {
    const said = await sendTogether('/a', '/b', '/c');
    expect(steps).toEqual([
      '/a arrives',
      '/b arrives',
      '/c arrives',
      '/a goes on',
      '/b goes on',
      '/c goes on',
    ]);
    expect(said.match(/answer to \/\w/g)).toEqual(['answer to /a', 'answer to /b', 'answer to /c']);
  });

  it('do not wait for those of a later turn', async () => {
    await sendTogether('/a');
    await sendTogether('/b');
    expect(steps).toEqual(['/a arrives', '/a goes on', '/b arrives', '/b goes on']);
  });
});
