import { timingSafeEqual, createHash } from 'node:crypto';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import {
  allows,
  type ApiKey,
  isOwnerName,
  KeyService,
  OWNER_NAME_WANTS,
  type Scope,
} from '../../access/index.js';
import { CallbackIntake, type CallbackPath } from '../../callbacks/index.js';
import { systemClock } from '../../shared/clock.js';
import { InvalidRequestError } from '../../tasks/index.js';
import { HTTP_OPTIONS, type HttpOptions } from '../http.options.js';
import {
  ForbiddenError,
  NothingHereError,
  RateLimitedError,
  UnauthorizedError,
} from '../problems/wire.errors.js';
import { type Caller } from './caller.js';
import { RateLimit } from './rate-limit.js';

/**
 * Decides who gets in, before anything of a body is read: key, rate, scope, owner, in this order.
 */
@Injectable()
export class Gatekeeper {
  private readonly rate: RateLimit;

  constructor(
    private readonly keys: KeyService,
    @Inject(HTTP_OPTIONS) private readonly options: HttpOptions,
    /** Missing in an application that takes no callbacks. */
    @Optional() private readonly callbacks?: CallbackIntake,
  ) {
    this.rate = new RateLimit(options.rateLimitPerMinute, systemClock);
  }

  /**
   * Lets the request pass and notes its caller, or throws.
   *
   * @throws UnauthorizedError, RateLimitedError, ForbiddenError, and for callbacks what CallbackIntake.admit throws
   */
  async admit(request: FastifyRequest): Promise<void> {
    const { access } = request.routeOptions.config;
    switch (access?.kind) {
      case 'public':
        return;
      case 'key':
        request.caller = await this.callerOf(request, access.scope);
        return;
      case 'callback':
        if (!this.callbacks) throw new NothingHereError();
        return this.callbacks.admit(pathOf(request), request.ip);
      case 'metrics':
        return this.admitCollector(request);
      case undefined:
        throw new Error(
          `The route ${request.method} ${request.routeOptions.url} does not say who may call it.`,
        );
    }
  }

  private async callerOf(request: FastifyRequest, scope: Scope | null): Promise<Caller> {
    const bearer = bearerOf(request);
    const key = bearer === null ? null : await this.keys.authenticate(bearer);
    if (!key) throw new UnauthorizedError();
    const wait = this.rate.take(key.id);
    if (wait > 0) throw new RateLimitedError(this.rate.perMinute, wait);
    if (scope !== null && !allows(key.scopes, scope))
      throw new ForbiddenError(`This needs an API key with the scope ${scope}.`);
    return {
      keyId: key.id,
      owner: ownerFor(key, request),
      cause: { actor: `key:${key.id}`, correlationId: request.id },
    };
  }

  private admitCollector(request: FastifyRequest): void {
    const { metricsToken } = this.options;
    if (metricsToken === null) return;
    const bearer = bearerOf(request);
    if (bearer === null || !isSameText(bearer, metricsToken)) throw new UnauthorizedError();
  }
}

const BEARER = /^Bearer +([^\s]+) *$/i;

const bearerOf = (request: FastifyRequest): string | null =>
  BEARER.exec(request.headers.authorization ?? '')?.[1] ?? null;

const ownerFor = (key: ApiKey, request: FastifyRequest): string => {
  const named = request.headers['x-owner'];
  if (named === undefined || named === key.owner) return key.owner;
  if (!allows(key.scopes, 'admin'))
    throw new ForbiddenError('X-Owner needs an API key with the scope admin.');
  if (typeof named !== 'string' || !isOwnerName(named)) {
    throw new InvalidRequestError([
      { pointer: '/headers/x-owner', code: 'pattern', message: `X-Owner must be ${OWNER_NAME_WANTS}.` },
    ]);
  }
  return named;
};

const pathOf = (request: FastifyRequest): CallbackPath => {
  const { task_id: taskId, attempt, token } = request.params as Record<string, string>;
  return { taskId: taskId ?? '', attempt: attempt ?? '', token: token ?? '' };
};

/** Digests have one length, so the time taken does not tell that of the secret. */
const isSameText = (a: string, b: string): boolean =>
  timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
