import { Injectable } from '@nestjs/common';
import { type JsonObject } from '../../shared/json.js';
import { type DataKey, DataKeys } from './data-keys.js';
import { decrypt, encrypt } from './key-ring.js';
import { BrokenSealError } from './sealing.errors.js';

/** A personal part on its way out of the log. The task and the event are what it is bound to. */
export interface SealedPart {
  readonly taskId: string;
  readonly eventId: string;
  readonly sealed: Buffer;
}

/** First byte of a sealed part: how it was sealed. */
const PLAIN = 0;
const AES_256_GCM = 1;

/**
 * Seals the personal parts of events: prompts, media and result URLs, provider messages, callback bodies, reasons.
 *
 *   sealed part = format byte, nonce (12), ciphertext of the part as UTF-8 JSON, tag (16)
 *
 * AES-256-GCM under the data key of the task; authenticated with it are the ids of task and event, so a part opens only
 * where it was sealed. After an erasure there is no key, and opening answers null.
 */
@Injectable()
export class Sealer {
  constructor(private readonly keys: DataKeys) {}

  /** The key to seal with: for a task that is about to begin a new one, which must be stored with its first event. */
  async keyFor(taskId: string, isNew: boolean): Promise<DataKey> {
    const stored = isNew ? null : await this.keys.find(taskId);
    // A task from before encryption gets its key with the next event.
    return stored ? { key: stored, toStore: null, epoch: null } : this.keys.create(taskId);
  }

  /** Something will probably be sealed for the task: its key is asked for already. */
  prepare(taskId: string): void {
    this.keys.find(taskId).catch(() => undefined);
  }

  seal({ key }: DataKey, taskId: string, eventId: string, personal: JsonObject): Buffer {
    const plain = Buffer.from(JSON.stringify(personal), 'utf8');
    return Buffer.concat([FORMAT, encrypt(key, plain, binding(taskId, eventId))]);
  }

  /** The events that were sealed with it are stored. */
  stored(taskId: string, { key, epoch }: DataKey): void {
    this.keys.remember(taskId, key, epoch);
  }

  /** The task was erased by this process. */
  erased(taskId: string): void {
    this.keys.forget(taskId);
  }

  /**
   * In the order asked; null where the task was erased.
   *
   * @throws BrokenSealError for a part that is not what was sealed
   */
  async open(parts: readonly SealedPart[]): Promise<(JsonObject | null)[]> {
    return Promise.all(parts.map((part) => this.openOne(part)));
  }

  private async openOne({ taskId, eventId, sealed }: SealedPart): Promise<JsonObject | null> {
    // The read model keeps nothing of an erased part.
    if (sealed.length === 0) return null;
    if (sealed[0] === PLAIN) return JSON.parse(sealed.toString('utf8', 1)) as JsonObject;
    if (sealed[0] !== AES_256_GCM) throw new BrokenSealError(taskId, eventId, `unknown format ${sealed[0]}`);
    const key = await this.keys.find(taskId);
    if (!key) return null;
    try {
      const plain = decrypt(key, sealed.subarray(1), binding(taskId, eventId));
      return JSON.parse(plain.toString('utf8')) as JsonObject;
    } catch (cause) {
      throw new BrokenSealError(taskId, eventId, cause);
    }
  }
}

const FORMAT = Buffer.of(AES_256_GCM);

const binding = (taskId: string, eventId: string): string => `genledger sealed part 1\n${taskId}\n${eventId}`;
