import { Logger } from '@nestjs/common';
import { type FastifyInstance } from 'fastify';

/** Asked every few seconds by machines: news only to somebody who looks for a fault. */
const QUIET = /^\/(health|metrics)/;

/**
 * One line per request. The route is its pattern, so no token is in it; neither are query, headers and body, which are
 * private.
 */
export const logRequests = (server: FastifyInstance): void => {
  const log = new Logger('Http');
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched');
    const { id, task_id: taskId } = (request.params ?? {}) as { id?: string; task_id?: string };
    const line = {
      msg: `${request.method} ${route} ${reply.statusCode}`,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      request: request.id,
      key: request.caller?.keyId,
      task: taskId ?? (route.startsWith('/v1/tasks/') ? id : undefined),
    };
    if (QUIET.test(route)) log.debug(line);
    else log.log(line);
    done();
  });
};
