import { Injectable } from '@nestjs/common';
import { EventStore, type StoredEvent } from '../../event-store/index.js';
import { type JsonObject } from '../../shared/json.js';
import {
  type CallbackReceived,
  type CallbackSignature,
  type CallbackVerdict,
} from '../domain/task.events.js';
import { rowOf } from '../read-model/task-row.js';
import { viewOf, type TaskView } from '../read-model/task-view.js';
import { Sealer } from '../sealing/sealer.js';
import { fold } from '../stream/task-stream.js';

/** An event with its personal part opened. */
export interface OpenedEvent {
  readonly position: number;
  readonly id: string;
  readonly taskId: string;
  readonly version: number;
  readonly type: string;
  readonly schemaVersion: number;
  readonly recordedAt: Date;
  readonly actor: string;
  readonly correlationId: string | null;
  readonly causationId: string | null;
  /** Public and personal fields; the personal ones are missing after an erasure. */
  readonly data: JsonObject;
  readonly hash: string;
}

/** A callback as evidence: what arrived, when, and what became of it. */
export interface RecordedCallbackView {
  readonly id: string;
  readonly receivedAt: Date;
  readonly attempt: number;
  readonly verdict: CallbackVerdict;
  /** A later status read said the same. */
  readonly confirmed: boolean;
  readonly providerTaskId: string | null;
  readonly providerStatus: string | null;
  readonly bodySha256: string;
  /** As text; null for a repeat, beyond the limit of payloads, and after an erasure. */
  readonly body: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** What its signature headers are worth; null: not checked. */
  readonly signature: CallbackSignature | null;
  /** Version of the event that applied it; null when nothing followed from it. */
  readonly effectVersion: number | null;
}

export interface Replay {
  readonly task: TaskView;
  readonly replayedEvents: number;
  readonly asOfVersion: number;
}

/** Up to where a replay goes. */
export interface ReplayPoint {
  readonly version?: number;
  readonly at?: Date;
}

/** What the log itself says of a task, without the read model. */
@Injectable()
export class TaskHistory {
  constructor(
    private readonly store: EventStore,
    private readonly sealer: Sealer,
  ) {}

  /** The owner of a task, from the log; null when there is no such task. */
  async ownerOf(id: string): Promise<string | null> {
    const [first] = await this.store.readStream(id, { limit: 1 });
    return first?.type === 'TaskSubmitted' ? first.owner : null;
  }

  /** Events of a task in order of version. */
  async events(id: string, afterVersion: number, limit: number): Promise<readonly OpenedEvent[]> {
    return this.open(await this.store.readStream(id, { fromVersion: afterVersion + 1, limit }));
  }

  /** The owner's part of the log behind a position, in order, nothing skipped. */
  async feed(
    owner: string,
    after: number,
    limit: number,
    types?: readonly string[],
  ): Promise<{ events: readonly OpenedEvent[]; next: number }> {
    const page = await this.store.readLog({ after, limit, owner, types });
    return { events: await this.open(page.events), next: page.next };
  }

  /** All callbacks of a task in order of arrival. */
  async callbacks(id: string): Promise<readonly RecordedCallbackView[]> {
    const stored = await this.store.readStream(id);
    const opened = await this.open(stored.filter((event) => event.type === 'CallbackReceived'));
    return opened.map((event) => toCallback(event, stored));
  }

  /** The task folded from the log. Null when it did not exist (yet) at that point. */
  async replay(id: string, point: ReplayPoint = {}): Promise<Replay | null> {
    const stored = await this.store.readStream(id, { toVersion: point.version, until: point.at });
    const task = fold(stored);
    if (!task) return null;
    const row = rowOf(task);
    const [intent, outcome] = await Promise.all(
      [row.intentEvent, row.outcomeEvent].map((eventId) => this.partOf(stored, eventId)),
    );
    return {
      task: viewOf(row, { intent: intent ?? null, outcome: outcome ?? null }, null),
      replayedEvents: stored.length,
      asOfVersion: task.version,
    };
  }

  private async partOf(stored: readonly StoredEvent[], eventId: string | null): Promise<JsonObject | null> {
    const event = stored.find(({ id }) => id === eventId);
    if (!event?.sealed) return null;
    const [part] = await this.sealer.open([
      { taskId: event.streamId, eventId: event.id, sealed: event.sealed },
    ]);
    return part ?? null;
  }

  private async open(stored: readonly StoredEvent[]): Promise<OpenedEvent[]> {
    const sealedOnes = stored.filter((event) => event.sealed !== null);
    const parts = await this.sealer.open(
      sealedOnes.map(({ streamId, id, sealed }) => ({ taskId: streamId, eventId: id, sealed: sealed! })),
    );
    const personal = new Map(sealedOnes.map((event, index) => [event.id, parts[index]]));
    return stored.map((event) => ({
      position: event.position,
      id: event.id,
      taskId: event.streamId,
      version: event.version,
      type: event.type,
      schemaVersion: event.schemaVersion,
      recordedAt: event.recordedAt,
      actor: event.actor,
      correlationId: event.correlationId,
      causationId: event.causationId,
      data: { ...event.data, ...personal.get(event.id) },
      hash: event.hash,
    }));
  }
}

/** Events that apply what a callback said; they name it as their cause. */
const APPLYING: ReadonlySet<string> = new Set(['TaskSucceeded', 'TaskFailed', 'SubmissionAccepted']);

const toCallback = (event: OpenedEvent, history: readonly StoredEvent[]): RecordedCallbackView => {
  const data = event.data as unknown as CallbackReceived['data'] & { body_base64: string | null };
  const later = history.filter(({ version }) => version > event.version);
  const applied = later.findLast((next) => APPLYING.has(next.type) && next.causationId === event.id);
  const confirmed = later.some(
    (next) =>
      next.type === 'StatusPolled' &&
      next.data.provider_task_id === data.provider_task_id &&
      next.data.status === data.status,
  );
  return {
    id: event.id,
    receivedAt: event.recordedAt,
    attempt: data.attempt,
    verdict: data.verdict,
    confirmed: data.provider_task_id !== null && confirmed,
    providerTaskId: data.provider_task_id,
    providerStatus: data.raw_status,
    bodySha256: data.body_sha256,
    body:
      typeof data.body_base64 === 'string' ? Buffer.from(data.body_base64, 'base64').toString('utf8') : null,
    headers: data.headers,
    signature: data.signature ?? null,
    effectVersion: applied?.version ?? null,
  };
};
