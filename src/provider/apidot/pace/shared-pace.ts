/** What came of asking for tokens of the budget. */
export interface Lease {
  /** Calls that may be made at once. */
  readonly granted: number;
  /** Until there is a token again, milliseconds; 0 when all that were wanted were granted. */
  readonly retryInMs: number;
  /** Until the pause of the account ends, milliseconds; 0 when there is none. */
  readonly pausedForMs: number;
}

/**
 * What all processes agree on that call the provider with the same account: its budget and its pause.
 *
 * Implemented outside the provider client, which knows no database. All times are measured by one clock, which is not
 * that of any caller. Any number of processes may call at once; each call may reject when what is shared cannot be reached.
 */
export abstract class SharedPace {
  /**
   * Takes up to `wanted` tokens. What all processes take together stays within `perMinute` in any minute; during a pause
   * nothing is granted.
   */
  abstract lease(account: string, perMinute: number, wanted: number): Promise<Lease>;

  /** Until the pause of the account ends, milliseconds; 0 when there is none. */
  abstract pauseLeft(account: string): Promise<number>;

  /** Nobody calls for so many milliseconds from now. A pause that lasts longer stays. */
  abstract pause(account: string, forMs: number): Promise<void>;
}
