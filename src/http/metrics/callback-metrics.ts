import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { type RecordedCallback } from '../../tasks/index.js';

/** Callbacks by what became of them. */
@Injectable()
export class CallbackMetrics {
  private readonly callbacks: Counter<'verdict'>;

  constructor(registry: Registry) {
    this.callbacks = new Counter({
      name: 'genledger_callbacks_total',
      help: 'Callbacks by verdict; wrong_token and too_large are not recorded.',
      labelNames: ['verdict'],
      registers: [registry],
    });
  }

  recorded(verdict: RecordedCallback['verdict']): void {
    this.callbacks.inc({ verdict });
  }

  refused(why: 'wrong_token' | 'too_large'): void {
    this.callbacks.inc({ verdict: why });
  }
}
