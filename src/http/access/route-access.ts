import { RouteConfig } from '@nestjs/platform-fastify';
import { type Scope } from '../../access/index.js';

/** Who may call a route. */
export type RouteAccess =
  | { readonly kind: 'public' }
  /** Any valid key, or one with the scope. */
  | { readonly kind: 'key'; readonly scope: Scope | null }
  /** The token in the path is the permission. */
  | { readonly kind: 'callback' }
  /** Open, or behind a bearer of its own. */
  | { readonly kind: 'metrics' };

/**
 * What a route reads: `none` nothing, `json` a JSON body that must be there, `optional-json` one that may be missing or empty, `raw` bytes
 * of any type.
 */
export type BodyForm = 'none' | 'json' | 'optional-json' | 'raw';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess;
    body?: BodyForm;
  }
}

/*
 * Every route of a controller carries one of these. A route without stops the start; a spec walks the table of routes.
 */

/** Anybody. */
export const Public = (): MethodDecorator => route({ kind: 'public' }, 'none');

/** Whoever has a valid key. */
export const AnyKey = (): MethodDecorator => route({ kind: 'key', scope: null }, 'none');

/** Whoever has a key with this scope. */
export const RequireScope = (scope: Scope, body: BodyForm = 'none'): MethodDecorator =>
  route({ kind: 'key', scope }, body);

/** The provider, with the token of an attempt. */
export const CallbackRoute = (): MethodDecorator => route({ kind: 'callback' }, 'raw');

/** Whoever collects metrics. */
export const MetricsRoute = (): MethodDecorator => route({ kind: 'metrics' }, 'none');

const route = (access: RouteAccess, body: BodyForm): MethodDecorator => RouteConfig({ access, body });
