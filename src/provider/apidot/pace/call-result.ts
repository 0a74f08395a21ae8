/** What a finished call says about the health of the other side, nothing about its task. */
export type CallResult =
  /** It answered, with whatever refusal. */
  | { readonly kind: 'answered' }
  /** Transport error, timeout or 5xx. */
  | { readonly kind: 'failed' }
  /** 429; the pause it asked for, if it named one. */
  | { readonly kind: 'limited'; readonly retryAfterMs: number | null }
  /** Nothing was sent, or the call must not count. */
  | { readonly kind: 'no_evidence' };

export const NO_EVIDENCE: CallResult = { kind: 'no_evidence' };
