import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { type StoredEvent, type Subscription } from '../../../../src/event-store/index.js';

/** How many tasks each owner submitted per day. */
@Injectable()
export class DailyCounts implements Subscription {
  readonly name = 'daily-counts';
  readonly types = ['TaskSubmitted'];
  readonly shards = 2;

  /** One statement per page, not one per event. */
  async handle(events: readonly StoredEvent[], transaction: pg.ClientBase): Promise<void> {
    await transaction.query(
      `insert into daily_count (owner, day, tasks)
         select owner, day, count(*) from unnest($1::text[], $2::date[]) as submitted (owner, day) group by 1, 2
         on conflict (owner, day) do update set tasks = daily_count.tasks + excluded.tasks`,
      [
        events.map((event) => event.owner),
        events.map((event) => event.recordedAt.toISOString().slice(0, 10)),
      ],
    );
  }
}
