/** With how many calls at once the submit lane starts, and starts again after a refusal. */
export const FIRST_SUBMITS = 4;

export interface LaneSlotsOptions {
  /** With how many the lane starts; it doubles with each success. Default: all. */
  readonly first?: number;
  /** A lane whose idle slots this one may use, but for so many that are kept for its own work. Default: none. */
  readonly borrows?: { readonly from: LaneSlots; readonly butFor: number };
}

/**
 * How many pieces of work of one lane run at once.
 *
 * Claims are made in bunches: a freed slot waits until a quarter of them is free (or nothing runs any more), because a
 * claim costs a round trip whatever it brings. A lane that has lent slots gets them back as the work on them ends; both
 * together never have more than their sizes.
 */
export class LaneSlots {
  private busy = 0;
  private limit: number;
  private isClaiming = false;
  private again = false;
  /** The last claim brought all that was asked for: there is probably more. */
  private isHungry = false;
  private borrower: LaneSlots | null = null;

  constructor(
    private readonly size: number,
    private readonly options: LaneSlotsOptions = {},
  ) {
    this.limit = Math.min(size, options.first ?? size);
    if (options.borrows) options.borrows.from.borrower = this;
  }

  get free(): number {
    return Math.max(0, this.capacity - this.busy);
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
    return this.isHungry && (this.busy === 0 || this.free * 4 >= this.capacity);
  }

  speedUp(): void {
    this.limit = Math.min(this.size, this.limit * 2);
  }

  slowDown(): void {
    this.limit = 1;
  }

  private get capacity(): number {
    const { borrows } = this.options;
    const lent = Math.max(0, (this.borrower?.busy ?? 0) - (this.borrower?.limit ?? 0));
    const idle = borrows ? Math.max(0, borrows.from.limit - borrows.from.busy - borrows.butFor) : 0;
    return Math.max(0, this.limit - lent) + idle;
  }
}
