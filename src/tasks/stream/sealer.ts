import { type JsonObject } from '../../shared/json.js';

/** A personal part on its way into or out of the log. The task and the event are what it is bound to. */
export interface SealedPart {
  readonly taskId: string;
  readonly eventId: string;
  readonly sealed: Buffer;
}

/**
 * Seals the personal parts of events: prompts, media and result URLs, provider messages, callback bodies.
 *
 * Whatever is sealed can be opened only as the part of that event of that task. After an erasure opening answers null.
 */
export abstract class Sealer {
  abstract seal(taskId: string, eventId: string, personal: JsonObject): Promise<Buffer>;

  /** In the order asked; null where the task was erased. */
  abstract open(parts: readonly SealedPart[]): Promise<(JsonObject | null)[]>;
}

/** First byte of a sealed part: how it was sealed. */
const PLAIN = 0;

/** Keeps personal parts as UTF-8 JSON behind a format byte: separate from the public part, not yet encrypted. */
export class PlainSealer extends Sealer {
  async seal(_taskId: string, _eventId: string, personal: JsonObject): Promise<Buffer> {
    return Buffer.from(`\0${JSON.stringify(personal)}`, 'utf8');
  }

  async open(parts: readonly SealedPart[]): Promise<(JsonObject | null)[]> {
    return parts.map(({ sealed, eventId }) => {
      if (sealed[0] !== PLAIN)
        throw new Error(`The personal part of event ${eventId} has the unknown format ${sealed[0]}.`);
      return JSON.parse(sealed.toString('utf8', 1)) as JsonObject;
    });
  }
}
