import { createServer } from 'node:net';
import { GenledgerError } from '../shared/errors.js';

/** The address is taken or not ours to use. */
export class AddressUnavailableError extends GenledgerError {
  constructor(host: string, port: number, code: string, cause: unknown) {
    const why = code === 'EADDRINUSE' ? 'is in use by another program' : `cannot be used (${code})`;
    super(
      'address_unavailable',
      'unavailable',
      `${host}:${port} ${why}. Set PORT (or HOST) to another one, PORT=0 for any free one.`,
      {
        details: { host, port },
        cause,
      },
    );
  }
}

/**
 * The port to listen on: the wanted one after a try, or a free one for 0. Tried before anything else starts, so that a
 * busy port costs nothing but a clear sentence.
 *
 * @throws AddressUnavailableError
 */
export const reservePort = (host: string, wanted: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      reject(new AddressUnavailableError(host, wanted, error.code ?? 'unknown', error)),
    );
    probe.listen(wanted, host, () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });

/** The address as somebody on this machine types it. */
export const localUrl = (host: string, port: number): string => {
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
};
