import { type Pool } from 'pg';
import { type Lease, SharedPace } from '../provider/apidot/index.js';

interface LeaseRow {
  granted: number;
  retry_in_ms: number;
  paused_for_ms: number;
}

/** The pace of an account in one row of PostgreSQL, by the database's clock. */
export class PostgresSharedPace extends SharedPace {
  constructor(private readonly pool: Pool) {
    super();
  }

  override async lease(account: string, perMinute: number, wanted: number): Promise<Lease> {
    const { rows } = await this.pool.query<LeaseRow>({
      name: 'lease_calls',
      text: 'select * from lease_calls($1, $2, $3)',
      values: [account, perMinute, wanted],
    });
    const { granted, retry_in_ms: retryInMs, paused_for_ms: pausedForMs } = rows[0]!;
    return { granted, retryInMs, pausedForMs };
  }

  override async pauseLeft(account: string): Promise<number> {
    const { rows } = await this.pool.query<{ left: number }>({
      name: 'account_pause_left',
      text: `select pause_left(paused_from, paused_until, clock_timestamp()) as left from account_pace where account = $1`,
      values: [account],
    });
    return rows[0]?.left ?? 0;
  }

  override async pause(account: string, forMs: number): Promise<void> {
    await this.pool.query({
      name: 'pause_account',
      text: `insert into account_pace as p (account, paused_from, paused_until)
             select $1, now, now + $2 * interval '1 millisecond' from clock_timestamp() now
             on conflict (account) do update
                set paused_from = excluded.paused_from,
                    paused_until = case when pause_left(p.paused_from, p.paused_until, excluded.paused_from) > 0
                                        then greatest(p.paused_until, excluded.paused_until)
                                        else excluded.paused_until end`,
      values: [account, forMs],
    });
  }
}
