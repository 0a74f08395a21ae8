import { type Clock } from '../../shared/clock.js';

/** What the database answers: equal twice, no data key was destroyed between the two reads. Null: it cannot say. */
export type ReadEpoch = () => Promise<string | null>;

/** A destroyed key is given to nobody who asks this long after, in no process. */
export const TRUSTED_MS = 5_000;
/** While keys are used; leaves time for an answer that comes late. */
const LOOK_EVERY_MS = 2_000;

/**
 * How long keys that were read once may be used: as long as it is known that none has been destroyed, up to an instant
 * less than 5 s ago.
 *
 * Looks are made when somebody asks, one at a time: a process that uses no keys asks the database nothing. When the
 * database does not answer, keys are trusted for the rest of the 5 s.
 */
export class KeyEpoch {
  private epoch: string | null = null;
  /** No key of the epoch was destroyed before. Monotonic, milliseconds. */
  private trueAt = -Infinity;
  private looking: Promise<void> | null = null;

  /** @param ended called when an epoch ends: keys that were read in it count no more */
  constructor(
    private readonly read: ReadEpoch,
    private readonly clock: Pick<Clock, 'monotonic'>,
    private readonly ended: () => void,
  ) {}

  /** The epoch in which a key that is read, or made, from now on can be kept. Null before the first look. */
  current(): string | null {
    if (this.clock.monotonic() - this.trueAt >= LOOK_EVERY_MS) void this.look();
    return this.epoch;
  }

  /** May keys of the current epoch be used? */
  isTrusted(): boolean {
    this.current();
    return this.clock.monotonic() - this.trueAt < TRUSTED_MS;
  }

  /** Never rejects: a look that failed tells nothing. */
  look(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => (this.looking = null));
    return this.looking;
  }

  private async lookOnce(): Promise<void> {
    // What is destroyed after this instant is perhaps not in the answer.
    const askedAt = this.clock.monotonic();
    const epoch = await this.read().catch(() => null);
    if (epoch === null) return;
    if (epoch !== this.epoch) {
      this.epoch = epoch;
      this.ended();
    }
    this.trueAt = askedAt;
  }
}
