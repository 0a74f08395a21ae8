import { Inject, Injectable } from '@nestjs/common';
import { GenledgerError } from '../shared/errors.js';
import { CallbackUrls } from '../tasks/index.js';
import { callbackToken } from './callback-token.js';
import { CALLBACKS_OPTIONS, type CallbacksOptions, LOG_ID } from './callbacks.options.js';

/** The options make no sense; the application does not start. */
export class CallbacksOptionsError extends GenledgerError {
  constructor(message: string) {
    super('callbacks_options', 'invalid', message);
  }
}

const SHORTEST_SECRET = 32;

/** URLs that carry their own permission: whoever knows one may report about that attempt, and about nothing else. */
@Injectable()
export class SignedCallbackUrls extends CallbackUrls {
  private readonly secret: string | undefined;

  constructor(
    @Inject(CALLBACKS_OPTIONS) private readonly options: CallbacksOptions,
    @Inject(LOG_ID) private readonly logId: string,
  ) {
    super();
    this.secret = options.secrets[0];
    if (options.publicUrl !== null && options.secrets.length === 0)
      throw new CallbacksOptionsError(
        'callbacks.secrets is empty; with callbacks.publicUrl at least one is needed.',
      );
    if (options.secrets.some((secret) => secret.length < SHORTEST_SECRET))
      throw new CallbacksOptionsError(
        `Each of callbacks.secrets needs ${SHORTEST_SECRET} characters or more.`,
      );
  }

  get isEnabled(): boolean {
    return this.base() !== null;
  }

  urlFor(taskId: string, attempt: number): string | null {
    const base = this.base();
    if (base === null || this.secret === undefined) return null;
    const token = callbackToken(this.secret, { logId: this.logId, taskId, attempt });
    return `${base.replace(/\/+$/, '')}/v1/callbacks/apidot/${taskId}/${attempt}/${token}`;
  }

  private base(): string | null {
    const { publicUrl } = this.options;
    return typeof publicUrl === 'function' ? publicUrl() : publicUrl;
  }
}
