/** Wakes one sleeper. A ring while nobody sleeps is kept for the next one. */
export class Doorbell {
  private hasRung = false;
  private wake: (() => void) | null = null;

  ring(): void {
    this.hasRung = true;
    this.wake?.();
  }

  /** Ends at a ring, after `ms`, or when the signal is aborted; without an error. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.hasRung && !signal.aborted) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        timer = setTimeout(resolve, ms);
        signal.addEventListener('abort', this.wake, { once: true });
      });
      clearTimeout(timer);
      if (this.wake) signal.removeEventListener('abort', this.wake);
      this.wake = null;
    }
    this.hasRung = false;
  }
}
