import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { EventStore, StreamConflictError } from '../../event-store/index.js';
import { ID_SOURCE, type IdSource, uuidFrom } from '../../shared/ids.js';
import { Provider } from '../ports.js';
import { ACCOUNT_SCHEMAS } from '../stream/event-schemas.js';
import { type Cause } from '../stream/task-repository.js';
import { ACCOUNT_EVENT_VERSIONS, type AccountEvent } from './account.events.js';
import { evolveAccount, NEW_ACCOUNT, type AccountState } from './account.state.js';

/** Owner of streams that belong to no customer; not a name that a key can have. */
const SYSTEM_OWNER = '$system';

/**
 * The state of the provider account this process pays with, as its stream tells it.
 *
 * Read again after every commit that touched it and on every tick, so that a pause found by one replica stops the
 * others within a moment.
 */
@Injectable()
export class ProviderAccount implements OnModuleDestroy {
  readonly name: string;
  private readonly streamId: string;
  private state: AccountState = NEW_ACCOUNT;
  private readonly stopListening: () => void;

  constructor(
    private readonly store: EventStore,
    provider: Provider,
    @Inject(ID_SOURCE) private readonly nextId: IdSource,
  ) {
    this.name = provider.account;
    this.streamId = uuidFrom('provider-account', provider.name, provider.account);
    this.stopListening = store.onCommit(({ streamIds }) => {
      if (streamIds === null || streamIds.includes(this.streamId)) void this.refresh().catch(() => undefined);
    });
  }

  onModuleDestroy(): void {
    this.stopListening();
  }

  /** What was known a moment ago. */
  get current(): AccountState {
    return this.state;
  }

  /** The log may be another one: what was read of it counts no more. */
  forget(): void {
    this.state = NEW_ACCOUNT;
  }

  async refresh(): Promise<AccountState> {
    const events = await this.store.readStream(this.streamId, { fromVersion: this.state.version + 1 });
    for (const stored of events) {
      const { version, type, recordedAt } = stored;
      // Two refreshes may have read the same events.
      if (version !== this.state.version + 1) continue;
      this.state = evolveAccount(
        this.state,
        { type, data: ACCOUNT_SCHEMAS.upToDate(stored) } as unknown as AccountEvent,
        recordedAt,
      );
    }
    return this.state;
  }

  /** Lets a rule decide about the account; true when this very call wrote something. */
  async execute(decide: (state: AccountState) => AccountEvent[], cause: Cause): Promise<boolean> {
    for (;;) {
      const state = await this.refresh();
      const events = decide(state);
      if (events.length === 0) return false;
      try {
        const { duplicate } = await this.store.append({
          streamId: this.streamId,
          expected: state.version === 0 ? 'none' : state.version,
          events: events.map((event) => ({
            id: this.nextId(),
            type: event.type,
            schemaVersion: ACCOUNT_EVENT_VERSIONS[event.type],
            data: event.data,
          })),
          owner: SYSTEM_OWNER,
          actor: cause.actor,
          correlationId: cause.correlationId,
          causationId: cause.causationId ?? null,
        });
        await this.refresh();
        return !duplicate;
      } catch (error) {
        if (!(error instanceof StreamConflictError)) throw error;
      }
    }
  }
}
