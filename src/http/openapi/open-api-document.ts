import { Inject, Injectable } from '@nestjs/common';
import { KindRegistry } from '../../tasks/index.js';
import { HTTP_OPTIONS, type HttpOptions } from '../http.options.js';
import { modelSchemas } from './model-schemas.js';
import { operations, type OperationSpec } from './operations.js';
import { ref, SCHEMAS, SECURITY_SCHEMES } from './schemas.js';

/** The API in OpenAPI 3.1, with the inputs of the models that are registered. */
@Injectable()
export class OpenApiDocument {
  private document: object | null = null;

  constructor(
    private readonly kinds: KindRegistry,
    @Inject(HTTP_OPTIONS) private readonly options: HttpOptions,
  ) {}

  /** Built once; kinds register before the first request. */
  get(): object {
    return (this.document ??= this.build());
  }

  private build(): object {
    const kinds = this.kinds.all();
    const paths: Record<string, Record<string, unknown>> = {};
    for (const operation of operations(kinds.map(({ domain }) => domain))) {
      (paths[operation.path] ??= {})[operation.method] = operationJson(operation);
    }
    return {
      openapi: '3.1.0',
      jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
      info: {
        title: 'Genledger',
        version: this.options.version,
        description:
          'Durable generation of images, videos, music and 3D models. Submit a task, wait for it or list it; every fact on the way is recorded.',
      },
      servers: [{ url: '/' }],
      paths,
      components: { schemas: { ...SCHEMAS, ...modelSchemas(kinds) }, securitySchemes: SECURITY_SCHEMES },
    };
  }
}

const STATUS_WORDS: Readonly<Record<number, string>> = {
  200: 'Done',
  201: 'Made',
  202: 'Accepted: the intent is in the log',
  400: 'The body cannot be read',
  401: 'No valid API key',
  403: 'The key has not the scope',
  404: 'There is no such thing for this owner',
  410: 'Its events were moved into an archive',
  409: 'The state does not allow it',
  413: 'The body is over 1 MiB',
  415: 'The body is not JSON',
  422: 'Something in the request is wrong; all violations at once',
  429: 'Too many requests; see Retry-After',
  503: 'Not possible just now; see Retry-After',
};

const operationJson = (operation: OperationSpec): object => {
  const { scope, body, answer } = operation;
  const problems =
    scope === null ? (operation.problems ?? []) : [401, 403, 429, ...(operation.problems ?? [])];
  return {
    operationId: `${operation.method} ${operation.path}`.replace(/[^A-Za-z0-9]+/g, '_').replace(/_+$/, ''),
    summary: operation.summary,
    tags: [operation.tag],
    ...(scope !== null && { description: scope === 'any' ? 'Any valid key.' : `Scope: \`${scope}\`.` }),
    security: scope === null ? [] : [{ key: [] }],
    ...(operation.parameters && { parameters: operation.parameters }),
    ...(body && {
      requestBody: {
        required: body.required,
        content: { [body.mediaType ?? 'application/json']: { schema: body.schema } },
      },
    }),
    responses: {
      [answer.status]: {
        description: STATUS_WORDS[answer.status],
        content: { [answer.mediaType ?? 'application/json']: { schema: answer.schema } },
      },
      ...Object.fromEntries(problems.map((status) => [status, problemJson(status)])),
    },
  };
};

const problemJson = (status: number): object => ({
  description: STATUS_WORDS[status],
  content: { 'application/problem+json': { schema: ref('Problem') } },
});
