import { type AccountState, type Pause } from '../../tasks/index.js';

export interface AccountContext {
  readonly provider: string;
  /** Fingerprint of the key. */
  readonly account: string;
  /** Between two probes of an account without credits; 0 for none. */
  readonly probeMs: number;
  readonly balance: number | null;
}

/** Why nothing, or not everything, is sent to the provider just now. */
export const accountJson = (
  state: AccountState,
  { provider, account, probeMs, balance }: AccountContext,
): object => ({
  object: 'account',
  provider,
  account,
  status: state.pause ? 'paused' : 'active',
  pause: state.pause && pauseJson(state.pause),
  paused_models: [...state.pausedModels].map(([model, pause]) => ({ model, ...pauseJson(pause) })),
  last_probe_at: instant(state.probedAt),
  next_probe_at: instant(nextProbe(state, probeMs)),
  resumed_at: instant(state.resumedAt),
  balance,
});

const WHY: Readonly<Record<Pause['scope'], string>> = {
  key: 'The provider refuses the API key.',
  credits: 'The provider account has not enough credits.',
  model: 'The provider account may not use this model.',
};

const pauseJson = ({ scope, since }: Pause): object => ({
  scope,
  since: since.toISOString(),
  reason: WHY[scope],
});

/** Only an account without credits is probed; a refused key needs a new key. */
const nextProbe = ({ pause, probedAt }: AccountState, probeMs: number): Date | null =>
  pause?.scope === 'credits' && probeMs > 0 ? new Date((probedAt ?? pause.since).getTime() + probeMs) : null;

const instant = (date: Date | null): string | null => date && date.toISOString();
