export interface CallbacksOptions {
  /**
   * Base of callback URLs, `http(s)://host[:port][/path]`; null: attempts get no callback URL and polling alone is used. A function when
   * the address is known only once the server listens; it is asked for every attempt.
   */
  readonly publicUrl: string | null | (() => string | null);
  /** Tokens are made with the first; any of them is accepted. At least one, of 32 characters or more, unless `publicUrl` is null. */
  readonly secrets: readonly string[];
  /** Key of the signature headers the provider may send; null: they are recorded and not looked at. */
  readonly signingSecret?: string | null;
}

/** Injection token of the CallbacksOptions. */
export const CALLBACKS_OPTIONS = Symbol('CallbacksOptions');

/** Injection token of the id of this log. */
export const LOG_ID = Symbol('LogId');
