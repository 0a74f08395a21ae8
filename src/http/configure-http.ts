import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyReply, type FastifyRequest, type RouteOptions } from 'fastify';
import { Gatekeeper } from './access/gatekeeper.js';
import { DEFAULT_DRAIN_MS, DEFAULT_MAX_BODY_BYTES, HTTP_OPTIONS, type HttpOptions } from './http.options.js';
import { HttpMetrics } from './metrics/http-metrics.js';
import { DOCS_POLICY, isDocs, serveDocs } from './openapi/docs.js';
import { OpenApiDocument } from './openapi/open-api-document.js';
import { ProblemFilter } from './problems/problem.filter.js';
import { ProblemWriter } from './problems/problem-writer.js';
import { NothingHereError, PayloadTooLargeError } from './problems/wire.errors.js';
import { readBodies } from './request/body-reader.js';
import { closeUnusedConnections } from './request/closing-connections.js';
import { endLingeringRequests } from './request/lingering-requests.js';
import { PROTECTION, STRICT_TRANSPORT } from './request/protection.js';
import { logRequests } from './request/request-log.js';
import { letRequestsWalkInStep } from './request/requests-in-step.js';

/**
 * Everything about requests that is not a route: ids, access, bodies, problems, metrics. Once, before `app.init()` or
 * `app.listen()`; the application must stand on an `HttpAdapter` and import the HttpModule.
 *
 * The way of a request:
 *
 *   request id ─► key, rate, scope ─► length ─► (body is read) ─► media type, JSON ─► controller
 *        └──────────────┴──────────────────┴─────────── any error ───────┴────────────────┴─► problem
 *
 * Requests that arrive together take these steps together.
 */
export const configureHttp = (app: NestFastifyApplication): void => {
  const options = app.get<HttpOptions>(HTTP_OPTIONS, { strict: false });
  const gatekeeper = app.get(Gatekeeper, { strict: false });
  const problems = app.get(ProblemWriter, { strict: false });
  const maxBodyBytes = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
  const server = app.getHttpAdapter().getInstance();

  server.decorateRequest('caller', null);
  // The library behind the docs page registers its routes itself and cannot say that they are open.
  server.addHook('onRoute', (route) => {
    if (isDocs(route.url)) route.config = { ...route.config, access: { kind: 'public' } };
    refuseUndeclared(route);
  });
  app.get(HttpMetrics, { strict: false }).watch(server);
  // Before requests wait for each other: one that waits is under way, and its connection stays.
  closeUnusedConnections(server, options.drainMs ?? DEFAULT_DRAIN_MS);
  letRequestsWalkInStep(server);
  server.addHook('onRequest', (request, reply, done) => {
    nameAndProtect(request, reply, options);
    if (request.is404) return done();
    gatekeeper
      .admit(request)
      .then(
        () =>
          done(
            Number(request.headers['content-length']) > maxBodyBytes
              ? new PayloadTooLargeError(maxBodyBytes)
              : undefined,
          ),
        done,
      );
  });
  readBodies(server, maxBodyBytes);
  logRequests(server);
  endLingeringRequests(server);
  server.setErrorHandler((error, request, reply) => problems.write(error, request, reply));
  server.setNotFoundHandler((request, reply) => problems.write(new NothingHereError(), request, reply));
  app.useGlobalFilters(new ProblemFilter(problems));
  serveDocs(app, app.get(OpenApiDocument, { strict: false }));
};

/** A route that forgets to say who may call it stops the start, so it is never even reachable. */
const refuseUndeclared = ({ method, url, config }: RouteOptions): void => {
  if (config?.access === undefined)
    throw new Error(`The route ${String(method)} ${url} does not say who may call it.`);
};

const nameAndProtect = (
  request: FastifyRequest,
  reply: FastifyReply,
  { strictTransport = false }: HttpOptions,
): void => {
  for (const [name, value] of PROTECTION) void reply.header(name, value);
  void reply.header('x-request-id', request.id);
  if (strictTransport) void reply.header('strict-transport-security', STRICT_TRANSPORT);
  if (isDocs(request.routeOptions.url ?? '')) void reply.header('content-security-policy', DOCS_POLICY);
};
