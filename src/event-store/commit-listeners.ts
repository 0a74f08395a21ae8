import { type Commit } from './event-store.js';
import { type EventStoreObserver, observe } from './event-store.observer.js';

/** Who wants to hear of commits. One that throws does not keep the others from hearing. */
export class CommitListeners {
  private readonly listeners = new Set<(commit: Commit) => void>();

  constructor(private readonly observer: EventStoreObserver) {}

  get size(): number {
    return this.listeners.size;
  }

  /** Returns how to stop; the same function may be added twice and is then called twice. */
  add(listener: (commit: Commit) => void): () => void {
    const own = (commit: Commit): void => listener(commit);
    this.listeners.add(own);
    return () => void this.listeners.delete(own);
  }

  ring(commit: Commit): void {
    for (const listener of this.listeners) {
      try {
        listener(commit);
      } catch (error) {
        observe(() => this.observer.listenerFailed?.(error));
      }
    }
  }
}
