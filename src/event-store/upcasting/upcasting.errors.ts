import { GenledgerError } from '../../shared/errors.js';

/** The program could not read all events that earlier versions of it wrote. */
export class EventSchemasIncompleteError extends GenledgerError {
  constructor(readonly problems: readonly string[]) {
    super(
      'event_schemas_incomplete',
      'bug',
      `${problems.join(' ')} Add the upcaster where the versions of these events are declared.`,
      { details: { problems } },
    );
  }
}

/** An event that a newer program wrote. While replicas are replaced one by one, the older ones may meet it. */
export class UnknownEventSchemaError extends GenledgerError {
  constructor(type: string, schemaVersion: number, known: number | null, position: number) {
    const upTo = known === null ? 'does not know this type' : `knows versions up to ${known}`;
    super(
      'event_schema_unknown',
      'unavailable',
      `The event at position ${position} is ${type} of version ${schemaVersion}; this program ${upTo}. Run a newer one.`,
      { details: { type, schemaVersion, known, position } },
    );
  }
}
