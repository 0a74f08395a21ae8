import pg from 'pg';
import { type PreparedAppend } from '../../src/event-store/prepared-append.js';
import { SCHEMA } from './bench-database.js';

/** One row of an event table, inserted and committed: no stream, no version, no read model. */
export class SingleInsert {
  private position = 0;

  private constructor(private readonly client: pg.Client) {}

  static async open(url: string): Promise<SingleInsert> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(
      `create schema single; create table single.event (like ${SCHEMA}.event including defaults including indexes)`,
    );
    return new SingleInsert(client);
  }

  append({ request, data, sealed, hashes }: PreparedAppend): Promise<unknown> {
    const [event] = request.events;
    this.position += 1;
    return this.client.query({
      name: 'single',
      text: `insert into single.event (position, stream_id, version, event_id, type, schema_version, owner, actor,
               correlation_id, causation_id, recorded_at, data, sealed, hash)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, clock_timestamp(), $11, $12, $13)`,
      values: [
        this.position,
        request.streamId,
        typeof request.expected === 'number' ? request.expected + 1 : 1,
        event!.id,
        event!.type,
        event!.schemaVersion,
        request.owner,
        request.actor,
        request.correlationId,
        request.causationId,
        data[0],
        sealed[0],
        hashes[0],
      ],
    });
  }

  close(): Promise<void> {
    return this.client.end();
  }
}
