/** From here on the number of concurrent calls is left to whoever makes them. */
const TOP = 32;

/**
 * How many calls may run at once after everything had to stop: 1, then 2, 4, 8 …
 *
 * The allowance doubles when as many calls have come through as it allows, so a server that just came back meets what
 * waited for it step by step instead of all at once.
 */
export class Ramp {
  #allowance = 1;
  #running = 0;
  #through = 0;

  get allowance(): number {
    return this.#allowance;
  }

  /** True when the allowance outgrew any limit worth keeping. */
  get isFinished(): boolean {
    return this.#allowance > TOP;
  }

  /** Takes a place, if there is one. */
  enter(): boolean {
    if (this.#running >= this.#allowance) return false;
    this.#running++;
    return true;
  }

  /** Gives a place back; each place exactly once. */
  leave(cameThrough: boolean): void {
    this.#running--;
    if (!cameThrough) return;
    this.#through++;
    if (this.#through < this.#allowance) return;
    this.#allowance *= 2;
    this.#through = 0;
  }
}
