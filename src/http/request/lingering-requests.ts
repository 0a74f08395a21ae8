import { type FastifyInstance } from 'fastify';

/** How long a client may go on sending after it got its answer. */
const LINGER_MS = 2_000;

/**
 * Ends connections of clients that were answered early (wrong key, body too large) and go on sending.
 *
 * Not at once: closing a socket with unread bytes in it resets the connection, and the client may lose the answer. The
 * bytes are thrown away meanwhile.
 */
export const endLingeringRequests = (server: FastifyInstance): void => {
  server.addHook('onResponse', (request, _reply, done) => {
    const { raw } = request;
    if (!raw.complete && !raw.destroyed) {
      raw.resume();
      const timer = setTimeout(() => {
        if (!raw.complete) raw.socket.destroy();
      }, LINGER_MS).unref();
      raw.once('close', () => clearTimeout(timer));
    }
    done();
  });
};
