/**
 * Knows whether a request may have left this machine, and asks for permission right before it does.
 *
 * - `waiting`: no byte was written. Name lookup, connecting and the TLS handshake all fail in this state.
 * - `refused`: the connection stood, permission was not given, no byte was written.
 * - `started`: bytes may have left, whatever happens next. There is no way back from here.
 *
 * One gate serves one request. It opens once: undici may queue a request again when its connection was recycled, and what
 * may have left is never sent twice.
 */
export class StartGate {
  #state: 'waiting' | 'refused' | 'started' = 'waiting';

  constructor(private readonly mayStart: () => boolean) {}

  get state(): 'waiting' | 'refused' | 'started' {
    return this.#state;
  }

  /** To be called when the connection stands. True: the first byte may be written, now. */
  open(): boolean {
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
