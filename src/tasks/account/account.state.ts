import { type AccountEvent } from './account.events.js';

export interface Pause {
  readonly scope: 'key' | 'credits' | 'model';
  readonly since: Date;
}

export interface AccountState {
  readonly version: number;
  /** Nothing is sent for this account. */
  readonly pause: Pause | null;
  /** Nothing is sent for these models. */
  readonly pausedModels: ReadonlyMap<string, Pause>;
  readonly probedAt: Date | null;
  readonly resumedAt: Date | null;
}

export const NEW_ACCOUNT: AccountState = {
  version: 0,
  pause: null,
  pausedModels: new Map(),
  probedAt: null,
  resumedAt: null,
};

export const evolveAccount = (state: AccountState, event: AccountEvent, recordedAt: Date): AccountState => {
  const next = { ...state, version: state.version + 1 };
  switch (event.type) {
    case 'AccountPaused': {
      const pause: Pause = { scope: event.data.scope, since: recordedAt };
      return event.data.scope === 'model' && event.data.model !== null
        ? { ...next, pausedModels: new Map(state.pausedModels).set(event.data.model, pause) }
        : { ...next, pause, probedAt: null };
    }
    case 'AccountProbed':
      return { ...next, probedAt: recordedAt };
    case 'AccountResumed':
      return { ...next, pause: null, pausedModels: new Map(), probedAt: null, resumedAt: recordedAt };
  }
};

/** Pauses once: what is paused already is silence. A refused key outweighs missing credits: no probe would help it. */
export const decidePause = (
  state: AccountState,
  data: Extract<AccountEvent, { type: 'AccountPaused' }>['data'],
): AccountEvent[] => {
  return isPaused(state, data) ? [] : [{ type: 'AccountPaused', data }];
};

const isPaused = (
  { pause, pausedModels }: AccountState,
  { scope, model }: Extract<AccountEvent, { type: 'AccountPaused' }>['data'],
): boolean => {
  switch (scope) {
    case 'model':
      return pausedModels.has(model ?? '');
    case 'credits':
      return pause !== null;
    case 'key':
      return pause?.scope === 'key';
  }
};

/** Resuming also when nothing is paused: tasks held one by one follow it. */
export const decideResumeAccount = (because: 'operator' | 'probe'): AccountEvent[] => [
  { type: 'AccountResumed', data: { because } },
];

/** An account without credits is probed with one task every so often; a refused key is not, it needs a new key. */
export const isDueForProbe = (state: AccountState, now: Date, probeMs: number): boolean =>
  probeMs > 0 &&
  state.pause?.scope === 'credits' &&
  now.getTime() - (state.probedAt ?? state.pause.since).getTime() >= probeMs;
