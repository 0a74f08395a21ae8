/** A shard as the worker that holds its lease names it. */
export interface HeldShard {
  readonly subscription: string;
  /** From 0. */
  readonly shard: number;
  /** Grows with every take: what an earlier holder writes no longer counts. */
  readonly epoch: number;
}

/** The shard belongs to another worker now, or its checkpoint is not where we thought: nothing of the page was written. */
export class ShardLostError extends Error {
  constructor({ subscription, shard, epoch }: HeldShard, cause?: unknown) {
    super(`Shard ${shard} of subscription ${subscription} is no longer held at epoch ${epoch}.`, { cause });
    this.name = 'ShardLostError';
  }
}
