/** Makes the URL that goes with an attempt. Implemented by whoever takes the callbacks. */
export abstract class CallbackUrls {
  /** Null when nothing can reach us: then polling alone is used. */
  abstract urlFor(taskId: string, attempt: number): string | null;

  /** Attempts get a callback URL at all. */
  abstract readonly isEnabled: boolean;
}

/** For applications without a public address. */
export class NoCallbackUrls extends CallbackUrls {
  readonly isEnabled = false;

  urlFor(): null {
    return null;
  }
}
