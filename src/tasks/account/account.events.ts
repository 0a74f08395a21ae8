/*
 * The stream of a provider account: when it was paused, probed and resumed. Held tasks follow it.
 */

export type AccountEvent =
  | {
      /** `key`: the provider refuses the key. `credits`: several tasks met an empty account. `model`: one model is forbidden. */
      readonly type: 'AccountPaused';
      readonly data: { scope: 'key' | 'credits' | 'model'; model: string | null; task_id: string };
    }
  | {
      /** One held task is sent to see whether the account works again. */ readonly type: 'AccountProbed';
      readonly data: { task_id: string };
    }
  | { readonly type: 'AccountResumed'; readonly data: { because: 'operator' | 'probe' } };

/** The schema version each type is written with now. Older ones are upcast when they are read. */
export const ACCOUNT_EVENT_VERSIONS: Readonly<Record<AccountEvent['type'], number>> = {
  AccountPaused: 1,
  AccountProbed: 1,
  AccountResumed: 1,
};
