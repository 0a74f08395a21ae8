/** What can be wrong with a log. */
export type Fault =
  /** The content of an event is not what its stored hash was taken of. */
  | 'event_hash'
  /** A position is missing. */
  | 'position_gap'
  /** A stream does not count 1, 2, 3 … in order of position. */
  | 'version_gap'
  /** An event or a batch has an impossible time. */
  | 'recorded_at'
  /** Events that belong to no batch. */
  | 'batch_missing'
  /** A batch has other events than were committed. */
  | 'digest'
  /** A batch does not follow from the one before it. */
  | 'chain'
  /** The table of streams says something else than the events. */
  | 'stream'
  /** A seal covers events that are not there any more. */
  | 'tail_missing'
  /** A seal names another chain than the log has at its position. */
  | 'seal_chain'
  /** A signature does not fit what the seal says. */
  | 'seal_signature'
  /** A key signed that is not one of those that were given. */
  | 'seal_key'
  /** A seal was taken away, put in or changed: the seals do not follow from each other. */
  | 'seal_sequence'
  /** A seal of another log. */
  | 'seal_log'
  /** The log differs from an export that was kept outside. */
  | 'export'
  /** A file of archived events is not what was taken out of this log, or what stayed behind of it was changed. */
  | 'archive';

/** One thing that is wrong. */
export interface Finding {
  /** Where it begins: nothing is proven from here on. */
  readonly position: number;
  readonly fault: Fault;
  /** A sentence for a person: which thing, and what it should be. */
  readonly message: string;
}

/** By position; of one position the more telling fault first, which is the one that was looked for first. */
export const inOrder = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort((a, b) => a.position - b.position);
