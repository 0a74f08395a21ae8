import { Injectable, Logger } from '@nestjs/common';
import { Counter, Histogram, Registry } from 'prom-client';
import { type ProviderCall, type ProviderObserver } from '../../tasks/index.js';

/** Words remembered, so that each is warned of once. */
const MOST_WORDS = 100;
/** Anything else may be more than a word. */
const WORD = /^[\w .-]{1,40}$/;

/** Calls of this process to the provider. */
@Injectable()
export class ProviderMetrics implements ProviderObserver {
  private readonly log = new Logger('Provider');
  private readonly calls: Counter<'operation' | 'outcome'>;
  private readonly durations: Histogram<'operation'>;
  private readonly unknownWords: Counter;
  private readonly seenWords = new Set<string>();

  constructor(registry: Registry) {
    const registers = [registry];
    this.calls = new Counter({
      name: 'genledger_provider_calls_total',
      help: 'Calls that were made, by what came of them.',
      labelNames: ['operation', 'outcome'],
      registers,
    });
    this.durations = new Histogram({
      name: 'genledger_provider_call_duration_seconds',
      help: 'From asking the provider to the last byte of its answer, or to giving up.',
      labelNames: ['operation'],
      buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers,
    });
    this.unknownWords = new Counter({
      name: 'genledger_provider_unknown_status_words_total',
      help: 'Answers and callbacks with a status word that is in none of our tables; they are taken as pending.',
      registers,
    });
  }

  callEnded({ operation, outcome, durationMs }: ProviderCall): void {
    this.calls.inc({ operation, outcome });
    this.durations.observe({ operation }, durationMs / 1_000);
  }

  unknownStatusWord(word: string): void {
    this.unknownWords.inc();
    if (this.seenWords.has(word) || this.seenWords.size >= MOST_WORDS) return;
    this.seenWords.add(word);
    this.log.warn({
      msg: 'the provider uses a status word that we do not know; it is taken as pending',
      word: WORD.test(word) ? word : null,
    });
  }
}
