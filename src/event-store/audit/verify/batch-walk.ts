import {
  batchDigest,
  chainLink,
  eventHashBytes,
  type HashedContent,
  type PlacedHash,
} from '../../event-hash.js';
import { type Finding } from './finding.js';

/** An event exactly as it is stored. */
export interface EventRow extends HashedContent {
  readonly position: number;
  readonly version: number;
  /** Microseconds since 1970: all that PostgreSQL keeps. */
  readonly recordedUs: number;
  readonly hash: Buffer;
}

/** A row of log_commit. */
export interface BatchRow {
  readonly lastPosition: number;
  readonly events: number;
  readonly recordedUs: number;
  readonly digest: Buffer;
  readonly chain: Buffer;
}

/** Where a walk begins: the end of the batch before. */
export type BatchEnd = Pick<BatchRow, 'lastPosition' | 'recordedUs' | 'chain'>;

/**
 * Computes again, event by event, what the log says of itself: hashes, digests, chain, gaps, times. Stops at the first
 * thing that is wrong, because nothing behind it means anything. Pure: rows come in, a finding or null comes out.
 */
export class BatchWalk {
  private readonly open: PlacedHash[] = [];
  private closed = 0;
  private position: number;

  constructor(
    private before: BatchEnd,
    private readonly batches: readonly BatchRow[],
  ) {
    this.position = before.lastPosition;
  }

  /** Takes the next event, in order of position. */
  take(event: EventRow): Finding | null {
    const expected = this.position + 1;
    if (event.position !== expected) return missing(expected, event.position - 1);
    this.position = event.position;
    const batch = this.batches[this.closed];
    if (batch === undefined) return withoutBatch(event.position);
    if (!eventHashBytes(event).equals(event.hash)) return wrongHash(event);
    if (event.recordedUs !== batch.recordedUs) return wrongTime(event, batch);
    this.open.push({
      position: event.position,
      streamId: event.streamId,
      version: event.version,
      hash: event.hash.toString('hex'),
    });
    return event.position === batch.lastPosition ? this.close(batch) : null;
  }

  /** After the last event: were these all? */
  end(): Finding | null {
    const batch = this.batches[this.closed];
    return batch === undefined ? null : missing(this.position + 1, batch.lastPosition);
  }

  private close(batch: BatchRow): Finding | null {
    const first = this.before.lastPosition + 1;
    const which = `Batch ${first} to ${batch.lastPosition}`;
    const digest = batchDigest(this.open);
    const recordedAt = new Date(Math.floor(batch.recordedUs / 1_000));
    const chain = chainLink(this.before.chain, batch.lastPosition, recordedAt, digest);
    const count = this.open.length;
    this.open.length = 0;
    this.closed += 1;
    const previous = this.before;
    this.before = batch;
    if (count !== batch.events || !digest.equals(batch.digest)) {
      const message = `${which}: its ${count} events are not the ${batch.events} that were committed (the digest differs).`;
      return { position: first, fault: 'digest', message };
    }
    if (batch.recordedUs % 1_000 !== 0 || batch.recordedUs < previous.recordedUs) {
      return {
        position: first,
        fault: 'recorded_at',
        message: `${which}: its time goes back or has parts of a millisecond.`,
      };
    }
    if (!chain.equals(batch.chain)) {
      return wrongChain(first, batch.lastPosition);
    }
    return null;
  }
}

const missing = (from: number, to: number): Finding => ({
  position: from,
  fault: 'position_gap',
  message: from === to ? `Position ${from} is missing.` : `Positions ${from} to ${to} are missing.`,
});

export const withoutBatch = (position: number): Finding => ({
  position,
  fault: 'batch_missing',
  message: `The event at position ${position} belongs to no committed batch.`,
});

export const wrongChain = (first: number, last: number): Finding => ({
  position: first,
  fault: 'chain',
  message: `Batch ${first} to ${last} does not follow from what is before it (the chain differs).`,
});

export const wrongHash = ({ position, type, streamId, version }: EventRow): Finding => ({
  position,
  fault: 'event_hash',
  message: `The content of ${type} (stream ${streamId}, version ${version}) is not what its hash was taken of.`,
});

const wrongTime = ({ position, recordedUs }: EventRow, batch: BatchRow): Finding => ({
  position,
  fault: 'recorded_at',
  message: `The event says ${iso(recordedUs)}, its batch ${iso(batch.recordedUs)}.`,
});

const iso = (us: number): string => new Date(us / 1_000).toISOString();
