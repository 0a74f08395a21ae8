import { type JsonObject } from '../../shared/json.js';
import { type StoredEvent } from '../event-store.js';
import { EventSchemasIncompleteError, UnknownEventSchemaError } from './upcasting.errors.js';

/**
 * Turns the data that one schema version stored into what the next version would have stored. Pure, and never changed once
 * it was released: the same event must read the same in ten years. Its argument is not to be changed.
 */
export type Upcaster = (data: JsonObject) => JsonObject;

/** By event type, then by the schema version that is read: `{ TaskSubmitted: { 1: addMode } }` makes version 2 of 1. */
export type Upcasters = Readonly<Record<string, Readonly<Record<number, Upcaster>>>>;

/**
 * The event types of one kind of stream, the schema version each is written with now, and how older versions become it.
 *
 * The log keeps events as they were written, and whoever checks or shows them sees them so; only what folds them looks
 * through here. Rules therefore know one version of each event, the newest.
 */
export class EventSchemas {
  private readonly current: ReadonlyMap<string, number>;

  constructor(
    current: Readonly<Record<string, number>>,
    private readonly upcasters: Upcasters = {},
  ) {
    this.current = new Map(Object.entries(current));
  }

  /**
   * Call it at start: an upcaster that is missing would otherwise be noticed when the first old event is read.
   *
   * @throws EventSchemasIncompleteError naming every type and version that cannot be read, or that nobody can have written
   */
  assertComplete(): void {
    const problems = [...this.missing(), ...this.superfluous()];
    if (problems.length > 0) throw new EventSchemasIncompleteError(problems);
  }

  /**
   * The data of an event as the newest version of its type would have stored it; the very same object when it is that
   * version already.
   *
   * @throws UnknownEventSchemaError a newer program wrote it
   */
  upToDate({
    type,
    schemaVersion,
    data,
    position,
  }: Pick<StoredEvent, 'type' | 'schemaVersion' | 'data' | 'position'>): JsonObject {
    const current = this.current.get(type);
    if (schemaVersion === current) return data;
    if (current === undefined || schemaVersion > current) {
      throw new UnknownEventSchemaError(type, schemaVersion, current ?? null, position);
    }
    let upcast = data;
    for (let version = schemaVersion; version < current; version += 1) {
      const step = this.upcasters[type]?.[version];
      if (step === undefined) throw new EventSchemasIncompleteError([noUpcaster(type, version)]);
      upcast = step(upcast);
    }
    return upcast;
  }

  private *missing(): Generator<string> {
    for (const [type, current] of this.current) {
      for (let version = 1; version < current; version += 1) {
        if (this.upcasters[type]?.[version] === undefined) yield noUpcaster(type, version);
      }
    }
  }

  private *superfluous(): Generator<string> {
    for (const [type, steps] of Object.entries(this.upcasters)) {
      const current = this.current.get(type);
      for (const version of Object.keys(steps).map(Number)) {
        if (current === undefined) yield `There is an upcaster for ${type}, which is not an event type here.`;
        else if (!(version >= 1 && version < current)) {
          yield `There is an upcaster for version ${version} of ${type}, which is written with version ${current}.`;
        }
      }
    }
  }
}

const noUpcaster = (type: string, version: number): string =>
  `Nothing turns version ${version} of ${type} into version ${version + 1}.`;
