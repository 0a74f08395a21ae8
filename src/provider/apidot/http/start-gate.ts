import { type Dispatcher } from 'undici';

/**
 * Knows whether a request may have left this machine, and asks for permission right before it does.
 *
 * undici calls `onRequestStart` when a connection (with TLS, where there is any) stands and before it writes the first
 * byte of the request; aborting there writes nothing. So:
 *
 * - `waiting`: no byte was written. Name lookup, connecting and the TLS handshake all fail in this state.
 * - `refused`: the connection stood, permission was not given, no byte was written.
 * - `started`: bytes may have left, whatever happens next. There is no way back from here.
 *
 * One gate serves one request. A second start (undici may queue a request again when its connection was recycled)
 * is aborted: what may have left is never sent twice.
 */
export class StartGate {
  #state: 'waiting' | 'refused' | 'started' = 'waiting';

  constructor(private readonly mayStart: () => boolean) {}

  get state(): 'waiting' | 'refused' | 'started' {
    return this.#state;
  }

  /** The same connections, behind this gate. */
  over(dispatcher: Dispatcher): Dispatcher {
    return dispatcher.compose((dispatch) => (options, handler) => dispatch(options, this.guard(handler)));
  }

  private guard(inner: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler {
    return {
      onRequestStart: (controller, context) => {
        if (!this.open()) controller.abort(new Error('The request was not allowed to start.'));
        else inner.onRequestStart?.(controller, context);
      },
      onRequestUpgrade: (...args) => inner.onRequestUpgrade?.(...args),
      onResponseStart: (...args) => inner.onResponseStart?.(...args),
      onResponseData: (...args) => inner.onResponseData?.(...args),
      onResponseEnd: (...args) => inner.onResponseEnd?.(...args),
      onResponseError: (...args) => inner.onResponseError?.(...args),
    };
  }

  private open(): boolean {
    if (this.#state !== 'waiting') return false;
    this.#state = this.allowed() ? 'started' : 'refused';
    return this.#state === 'started';
  }

  private allowed(): boolean {
    try {
      return this.mayStart();
    } catch {
      // A permission that cannot be read is none: nothing has been sent yet, so refusing costs nothing.
      return false;
    }
  }
}
