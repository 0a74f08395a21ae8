import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { type TestDatabase } from './postgres.js';

/*
 * Holds an append inside the database, so that a process can be killed exactly between two of its steps: while the gate
 * is closed, the transaction that writes an event of that type waits, and with it every append behind it.
 */

export interface HeldAppend {
  /** Resolves when an append waits at the gate. */
  reached(): Promise<void>;
  /** Lets it commit, also when whoever sent it is gone, and opens the gate. */
  letThrough(): Promise<void>;
  /** Ends its connection, so that it never was, and opens the gate. */
  discard(): Promise<void>;
}

export interface AppendGate {
  /** Closes the gate for one type of event; one at a time. */
  hold(eventType: string): Promise<HeldAppend>;
  close(): Promise<void>;
}

/** A number that no advisory lock of ours uses. */
const KEY = 471_147;
const REACHED_WITHIN_MS = 20_000;

export const createAppendGate = async ({ pool, url }: TestDatabase): Promise<AppendGate> => {
  await pool.query(`
    create table held_append (type text primary key);
    create function hold_append() returns trigger language plpgsql set search_path from current as $$
    begin
      if exists (select from held_append where type = new.type) then perform pg_advisory_xact_lock_shared(${KEY}); end if;
      return new;
    end $$;
    create trigger hold_append before insert on event for each row execute function hold_append();`);
  const keeper = new pg.Client({ connectionString: url, application_name: 'append gate' });
  await keeper.connect();

  const waiting = async (): Promise<number[]> => {
    const { rows } = await pool.query<{ pid: number }>(
      "select pid from pg_locks where locktype = 'advisory' and objid = $1 and not granted",
      [KEY],
    );
    return rows.map(({ pid }) => pid);
  };
  const open = async (): Promise<void> => {
    await pool.query('delete from held_append');
    await keeper.query('select pg_advisory_unlock_all()');
  };

  return {
    hold: async (eventType) => {
      await keeper.query('select pg_advisory_lock($1)', [KEY]);
      await pool.query('insert into held_append (type) values ($1)', [eventType]);
      return {
        reached: async () => {
          const deadline = performance.now() + REACHED_WITHIN_MS;
          while ((await waiting()).length === 0) {
            if (performance.now() > deadline) throw new Error(`No ${eventType} came to the gate.`);
            await pause(5);
          }
        },
        letThrough: open,
        discard: async () => {
          for (const pid of await waiting()) await pool.query('select pg_terminate_backend($1, 5000)', [pid]);
          await open();
        },
      };
    },
    close: () => keeper.end(),
  };
};
