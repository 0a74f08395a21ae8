import { Injectable, Logger } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { problemBody } from './problem.js';
import { problemOf } from './problem-of.js';

/** Answers every error of every route, ours or the framework's. */
@Injectable()
export class ProblemWriter {
  private readonly logger = new Logger('Http');

  write(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = problemOf(error);
    if (problem.isOurFault) this.log(problem.status, error, request);
    if (reply.sent || reply.raw.headersSent) return;
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
    if (problem.retryAfterSeconds !== undefined) void reply.header('retry-after', problem.retryAfterSeconds);
    // As bytes: the framework adds a charset to the type of a text, and this type has none.
    void reply
      .code(problem.status)
      .header('content-type', 'application/problem+json')
      .send(Buffer.from(problemBody(problem, request.id)));
  }

  /** The route, not the URL, which may hold a token; the error's texts and stack, not its fields, which may hold values. */
  private log(status: number, error: unknown, request: FastifyRequest): void {
    const line = {
      msg: 'Request failed',
      request_id: request.id,
      method: request.method,
      route: routeOf(request),
      status,
    };
    if (status === 503) this.logger.warn({ ...line, reason: reasonsOf(error).join(': ') });
    else this.logger.error({ ...line, stack: stacksOf(error) });
  }
}

const routeOf = (request: FastifyRequest): string => request.routeOptions?.url ?? 'unmatched';

const causesOf = (error: unknown): Error[] => {
  const causes: Error[] = [];
  for (let cause: unknown = error; cause instanceof Error && causes.length < 10; cause = cause.cause)
    causes.push(cause);
  return causes;
};

const reasonsOf = (error: unknown): string[] =>
  causesOf(error).map(({ name, message }) => `${name} ${message}`);

const stacksOf = (error: unknown): string => {
  const causes = causesOf(error);
  if (causes.length === 0) return `Thrown without being an Error: ${typeof error}`;
  return causes.map(({ stack, message }) => stack ?? message).join('\ncaused by ');
};
