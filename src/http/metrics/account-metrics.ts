import { Injectable } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';
import { Provider, ProviderAccount } from '../../tasks/index.js';

const BREAKER_STATES = ['closed', 'open', 'recovering'] as const;
const PAUSES = ['key', 'credits'] as const;

/** Whether calls to the provider are made, as this process knows it. */
@Injectable()
export class AccountMetrics {
  constructor(registry: Registry, provider: Provider, account: ProviderAccount) {
    const registers = [registry];
    new Gauge({
      name: 'genledger_provider_breaker_state',
      help: '1 for the state that the breaker of an operation is in.',
      labelNames: ['operation', 'state'],
      registers,
      collect() {
        for (const [operation, now] of Object.entries(provider.condition().breakers))
          for (const state of BREAKER_STATES) this.set({ operation, state }, state === now ? 1 : 0);
      },
    });
    new Gauge({
      name: 'genledger_provider_pause_seconds',
      help: 'What is left of the pause that the provider asked the account for.',
      registers,
      collect() {
        this.set(provider.condition().pausedForMs / 1_000);
      },
    });
    new Gauge({
      name: 'genledger_account_paused',
      help: '1 while nothing is submitted because the provider refuses the key or the account has no credits.',
      labelNames: ['scope'],
      registers,
      collect() {
        for (const scope of PAUSES) this.set({ scope }, account.current.pause?.scope === scope ? 1 : 0);
      },
    });
    new Gauge({
      name: 'genledger_models_paused',
      help: 'Models that the provider forbids to the account: their tasks wait.',
      registers,
      collect() {
        this.set(account.current.pausedModels.size);
      },
    });
  }
}
