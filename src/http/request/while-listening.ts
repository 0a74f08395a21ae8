import { type FastifyRequest } from 'fastify';

/** Does something long with a signal that says when nobody waits for the answer any more. */
export const whileListening = async <T>(
  request: FastifyRequest,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const gone = new AbortController();
  const { socket } = request.raw;
  const leave = (): void => gone.abort();
  socket.once('close', leave);
  try {
    return await work(gone.signal);
  } finally {
    socket.off('close', leave);
  }
};
