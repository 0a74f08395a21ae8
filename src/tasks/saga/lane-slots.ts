/** With how many calls at once a lane starts, and starts again after a refusal. */
const FIRST_CALLS = 4;

/**
 * How many pieces of work of one lane run at once.
 *
 * Claims are made in bunches: a freed slot waits until a quarter of them is free (or nothing runs any more), because a
 * claim costs a round trip whatever it brings. The submit lane starts with a few calls and doubles with each success.
 */
export class LaneSlots {
  private busy = 0;
  private limit: number;
  private isClaiming = false;
  private again = false;
  /** The last claim brought all that was asked for: there is probably more. */
  private isHungry = false;

  constructor(private readonly size: number) {
    this.limit = Math.min(size, FIRST_CALLS);
  }

  get free(): number {
    return Math.max(0, this.limit - this.busy);
  }

  /** False when a claim is under way already; it will look once more. */
  beginClaiming(): boolean {
    if (this.isClaiming) {
      this.again = true;
      return false;
    }
    this.isClaiming = true;
    this.again = true;
    return true;
  }

  wantsMore(): boolean {
    const { again } = this;
    this.again = false;
    // Asked while every slot was taken: look again when some are free.
    if (again && this.free === 0) this.isHungry = true;
    return again && this.free > 0;
  }

  claimed(count: number, wanted: number): void {
    this.busy += count;
    this.isHungry = count === wanted;
    if (this.isHungry) this.again = true;
  }

  endClaiming(): void {
    this.isClaiming = false;
  }

  release(): void {
    this.busy--;
  }

  isWorthClaiming(): boolean {
    return this.isHungry && (this.busy === 0 || this.free * 4 >= this.limit);
  }

  speedUp(): void {
    this.limit = Math.min(this.size, this.limit * 2);
  }

  slowDown(): void {
    this.limit = 1;
  }
}
