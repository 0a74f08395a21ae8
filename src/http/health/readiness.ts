import { type BeforeApplicationShutdown, Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { EventStore } from '../../event-store/index.js';
import { Provider, ProviderAccount, Submissions } from '../../tasks/index.js';
import { HTTP_OPTIONS, type HttpOptions } from '../http.options.js';

export interface Readiness {
  readonly isReady: boolean;
  /** By name of the check: `ok`, or the reason. */
  readonly checks: Readonly<Record<string, string>>;
  /** Why less works than usual, although requests are taken. */
  readonly degraded: readonly string[];
}

/** A database that takes longer is as good as away. */
const CHECK_WITHIN_MS = 2_000;

/** Whether this process should get requests. An unhappy provider account degrades it, and never takes it out. */
@Injectable()
export class ReadinessCheck implements OnModuleDestroy, BeforeApplicationShutdown {
  private isShuttingDown = false;

  constructor(
    private readonly store: EventStore,
    @Inject(HTTP_OPTIONS) private readonly options: HttpOptions,
    private readonly account: ProviderAccount,
    private readonly provider: Provider,
    private readonly submissions: Submissions,
  ) {}

  onModuleDestroy(): void {
    this.isShuttingDown = true;
  }

  beforeApplicationShutdown(): void {
    this.isShuttingDown = true;
  }

  async check(): Promise<Readiness> {
    const asked: [string, Promise<string>][] = [
      ['database', answerOf(this.store.head().then(() => null))],
      ...Object.entries(this.options.health?.checks ?? {}).map(([name, check]): [string, Promise<string>] => [
        name,
        answerOf(check()),
      ]),
    ];
    const checks: Record<string, string> = {};
    for (const [name, answer] of asked) checks[name] = await answer;
    if (this.isShuttingDown) checks.process = 'shutting down';
    return {
      isReady: Object.values(checks).every((answer) => answer === 'ok'),
      checks,
      degraded: this.degradations(),
    };
  }

  private degradations(): string[] {
    const { pause, pausedModels } = this.account.current;
    const { breakers, pausedForMs } = this.provider.condition();
    const open = Object.entries(breakers).filter(([, state]) => state === 'open');
    const others = (this.options.health?.degradations ?? []).map((ask) => ask());
    const { stopped } = this.submissions;
    return [
      stopped && STOPPED[stopped],
      pause && `provider account paused (${pause.scope})`,
      pausedModels.size > 0 ? `${pausedModels.size} model(s) paused` : null,
      ...open.map(([operation]) => `provider calls stopped after failures (${operation})`),
      pausedForMs > 0 ? 'the provider asked for a pause' : null,
      ...others,
    ].filter((reason) => reason !== null);
  }
}

const STOPPED: Readonly<Record<NonNullable<Submissions['stopped']>, string>> = {
  restore_suspected: 'submissions stopped: the log seems restored (genledger recover)',
  paused_by_operator: 'submissions paused by an operator',
  paused_by_setting: 'submissions paused by SUBMISSIONS=paused',
};

/** Errors are not shown: they may name hosts and users. */
const answerOf = async (check: Promise<string | null>): Promise<string> => {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<string>(
    (resolve) =>
      (timer = setTimeout(() => resolve(`no answer within ${CHECK_WITHIN_MS} ms`), CHECK_WITHIN_MS)),
  );
  try {
    return (await Promise.race([check, patience])) ?? 'ok';
  } catch {
    return 'unreachable';
  } finally {
    clearTimeout(timer);
  }
};
