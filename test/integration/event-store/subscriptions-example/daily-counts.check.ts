import assert from 'node:assert/strict';
import type pg from 'pg';
import { subscriptionSpec } from '../../../../src/event-store/testing/index.js';
import { DailyCounts } from './daily-counts.js';

export const countsPerOwnerAndDay = (pool: pg.Pool): Promise<void> =>
  subscriptionSpec(new DailyCounts(), { pool })
    .given({ stream: 'first', type: 'TaskSubmitted', owner: 'shop' })
    .when(
      { stream: 'first', type: 'TaskSucceeded', owner: 'shop' },
      { stream: 'second', type: 'TaskSubmitted', owner: 'shop' },
      { stream: 'third', type: 'TaskSubmitted', owner: 'studio' },
    )
    .thenExpect(async (transaction) => {
      const { rows } = await transaction.query('select owner, tasks::int from daily_count order by owner');
      assert.deepEqual(rows, [
        { owner: 'shop', tasks: 2 },
        { owner: 'studio', tasks: 1 },
      ]);
    });
