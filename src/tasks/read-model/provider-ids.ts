import { Inject, Injectable } from '@nestjs/common';
import { type Pool } from 'pg';
import { PG_POOL } from '../../database/index.js';

const OF_TASKS = `select p.provider_task_id as id from task_provider_id p join task t on t.id = p.task_id
  where p.provider_task_id = any ($2) and t.owner = $1 and t.status = 'succeeded'`;

/** Written as the index `event_result_file_ids` is, so that it is used. */
const OF_FILES = `select wanted.id from unnest($2::text[]) as wanted (id)
  where exists (
    select from event
     where type = 'TaskSucceeded' and jsonb_path_exists(data::jsonb, '$.files[*].provider_file_id')
       and jsonb_path_query_array(data::jsonb, '$.files[*].provider_file_id') @> to_jsonb(wanted.id)
       and owner = $1)`;

/** Which ids of the provider came out of an owner's succeeded tasks. */
@Injectable()
export class ProviderIds {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /** Those of `ids` that name a succeeded task of the owner. */
  ofTasks(owner: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    return this.query(OF_TASKS, owner, ids);
  }

  /** Those of `ids` that name a result file (a track) of a succeeded task of the owner. */
  ofFiles(owner: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    return this.query(OF_FILES, owner, ids);
  }

  /** Whether another task has this id, whatever the account: after a rotation the key is another, and the ids are not. */
  async isOfAnother(taskId: string, id: string): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      'select from task_provider_id where provider_task_id = $1 and task_id <> $2 limit 1',
      [id, taskId],
    );
    return rowCount !== 0;
  }

  private async query(text: string, owner: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    if (ids.length === 0) return new Set();
    const { rows } = await this.pool.query<{ id: string }>(text, [owner, ids]);
    return new Set(rows.map(({ id }) => id));
  }
}
