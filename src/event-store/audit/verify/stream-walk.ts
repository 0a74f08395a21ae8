import { type Finding } from './finding.js';

/** Where a stream was met first in a range of the log. */
export interface StreamStart {
  readonly streamId: string;
  readonly position: number;
  readonly version: number;
}

/** Follows the versions of every stream through a range of the log. What came before the range is asked of the database. */
export class StreamWalk {
  private readonly starts = new Map<string, StreamStart>();
  private readonly versions = new Map<string, number>();

  take({ streamId, position, version }: StreamStart): Finding | null {
    const before = this.versions.get(streamId);
    this.versions.set(streamId, version);
    if (before === undefined) this.starts.set(streamId, { streamId, position, version });
    return before === undefined || version === before + 1
      ? null
      : brokenVersions({ streamId, position, version }, before);
  }

  /** The streams met, each with its first event in the range. */
  get met(): StreamStart[] {
    return [...this.starts.values()];
  }
}

export const brokenVersions = (
  { streamId, position, version }: StreamStart,
  before: number | null,
): Finding => ({
  position,
  fault: 'version_gap',
  message:
    before === null
      ? `Version ${version} of stream ${streamId} has no version ${version - 1} before it.`
      : `Version ${version} of stream ${streamId} follows version ${before}.`,
});
