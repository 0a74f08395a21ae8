import pg from 'pg';

/*
 * The tables as they lie there, read by SQL alone: the checks of a run must not believe the code they check.
 */

export interface LoggedEvent {
  readonly position: number;
  readonly streamId: string;
  readonly version: number;
  readonly type: string;
  readonly actor: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface TaskTableRow {
  readonly id: string;
  readonly owner: string;
  readonly status: string;
  readonly version: number;
  readonly idempotencyKey: string | null;
  readonly hasTimer: boolean;
}

export interface Tables {
  readonly events: readonly LoggedEvent[];
  readonly tasks: readonly TaskTableRow[];
}

export const readTables = async (database: { url: string; schema: string }): Promise<Tables> => {
  const client = new pg.Client({ connectionString: database.url, application_name: 'chaos checks' });
  await client.connect();
  try {
    await client.query(`set search_path to ${pg.escapeIdentifier(database.schema)}`);
    const events = await client.query<LoggedEvent>(
      `select position::int8::float8 as position, stream_id as "streamId", version, type, actor, data::jsonb as data
         from event order by position`,
    );
    const tasks = await client.query<TaskTableRow>(
      `select t.id, t.owner, t.status, t.version, t.idempotency_key as "idempotencyKey", timer.task_id is not null as "hasTimer"
         from task t left join task_timer timer on timer.task_id = t.id`,
    );
    return { events: events.rows, tasks: tasks.rows };
  } finally {
    await client.end();
  }
};
