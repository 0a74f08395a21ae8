import { type Socket } from 'node:net';
import { type FastifyInstance } from 'fastify';

/** How often connections without a request are looked for while the server closes. */
const LOOK_MS = 100;

/**
 * Lets the server end when its last request is answered.
 *
 * Node closes connections that wait between two requests, but not one that was opened and never used, as clients keep in
 * stock: it would hold the server until its time for a first request is over. Requests that are under way are finished,
 * for at most `drainMs`.
 */
export const closeUnusedConnections = (server: FastifyInstance, drainMs: number): void => {
  const requests = new Map<Socket, number>();
  const count = (socket: Socket, change: number): void => {
    const before = requests.get(socket);
    if (before !== undefined) requests.set(socket, before + change);
  };
  server.server.on('connection', (socket: Socket) => {
    requests.set(socket, 0);
    socket.once('close', () => requests.delete(socket));
  });
  server.addHook('onRequest', (request, _reply, done) => {
    count(request.raw.socket, 1);
    done();
  });
  server.addHook('onResponse', (request, _reply, done) => {
    count(request.raw.socket, -1);
    done();
  });
  server.addHook('preClose', (done) => {
    const deadline = performance.now() + drainMs;
    const look = setInterval(() => {
      const isOver = performance.now() > deadline;
      for (const [socket, under] of requests) if (under <= 0 || isOver) socket.destroy();
    }, LOOK_MS);
    server.server.once('close', () => clearInterval(look));
    done();
  });
};
