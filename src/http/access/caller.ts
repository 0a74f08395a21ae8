import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { type Cause } from '../../tasks/index.js';

/** Who asks, after the key was checked. */
export interface Caller {
  readonly keyId: string;
  /** Whose tasks are meant: the owner of the key, or the one that an admin named. */
  readonly owner: string;
  /** What the caller's commands carry into the log. */
  readonly cause: Cause;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null on routes that ask for no key. */
    caller: Caller | null;
  }
}

/** The caller of a route that asks for a key. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!caller) throw new Error('CurrentCaller is used on a route that asks for no key.');
  return caller;
});
