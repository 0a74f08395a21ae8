import { type Socket } from 'node:net';
import { type FastifyInstance } from 'fastify';

/** A connection made just before the server began to close may still bring the request it was made for. */
const FIRST_REQUEST_WITHIN_MS = 1_000;

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
  const connections = new Map<Socket, { underWay: number; wasUsed: boolean }>();
  const count = (socket: Socket, change: number): void => {
    const connection = connections.get(socket);
    if (!connection) return;
    connection.underWay += change;
    connection.wasUsed = true;
  };
  server.server.on('connection', (socket: Socket) => {
    connections.set(socket, { underWay: 0, wasUsed: false });
    socket.once('close', () => connections.delete(socket));
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
    const began = performance.now();
    const look = setInterval(() => {
      const passed = performance.now() - began;
      const isUnused = ({ underWay, wasUsed }: { underWay: number; wasUsed: boolean }): boolean =>
        underWay <= 0 && (wasUsed || passed > FIRST_REQUEST_WITHIN_MS);
      for (const [socket, connection] of connections)
        if (isUnused(connection) || passed > drainMs) socket.destroy();
    }, LOOK_MS);
    server.server.once('close', () => clearInterval(look));
    done();
  });
};
