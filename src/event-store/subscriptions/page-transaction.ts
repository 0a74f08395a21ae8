import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { type Bookmark } from '../event-store.js';
import { type HeldShard, ShardLostError } from './shard.js';

/** The handler threw, or what it wrote could not be committed. The transaction was rolled back. */
export class HandlerFailedError extends Error {
  constructor(override readonly cause: unknown) {
    super('A page could not be handled.');
    this.name = 'HandlerFailedError';
  }
}

/** From where to where a checkpoint moves; nowhere when both are the same. */
export interface Move {
  readonly from: Bookmark;
  readonly to: Bookmark;
}

type Work = (transaction: pg.ClientBase) => Promise<void>;

export interface PageTransactionOptions {
  readonly schema: string;
  /** How long a transaction may sit there when its process no longer answers. Milliseconds. */
  readonly leaseMs: number;
}

/**
 * Runs a page and moves its checkpoint in one transaction.
 *
 * A process that froze in the middle keeps its locks only for the length of a lease: then the database ends the
 * transaction. So that a handler may nevertheless take its time, the connection is used now and then while it works.
 */
export class PageTransactions {
  private readonly move: string;

  constructor(
    private readonly pool: pg.Pool,
    private readonly options: PageTransactionOptions,
  ) {
    this.move = `${pg.escapeIdentifier(options.schema)}.move_checkpoint`;
  }

  /**
   * @param handle what the subscriber does; skipped when null
   * @param record what we write along with it
   * @param signal gives the page up: its connection is cut and the transaction rolled back
   * @throws HandlerFailedError
   * @throws ShardLostError the fence: another worker holds the shard
   * @throws the database's error when the database is what failed; the page may have been committed
   */
  async run(
    shard: HeldShard,
    move: Move,
    handle: Work | null,
    signal: AbortSignal,
    record: Work = nothing,
  ): Promise<void> {
    const client = await this.pool.connect();
    const connection = watch(client);
    const cut = (): void => connection.cut();
    signal.addEventListener('abort', cut, { once: true });
    try {
      if (signal.aborted) throw new ShardLostError(shard);
      const page = randomBytes(6).toString('hex');
      await client.query(
        `begin isolation level read committed;
         set local idle_in_transaction_session_timeout = ${this.options.leaseMs};
         set local genledger.page = '${page}'`,
      );
      if (handle !== null) await this.handle(client, handle, signal);
      await record(client);
      await this.commit(client, shard, move, page).catch((error: unknown) => {
        if (codeOf(error) === 'GL002') throw new ShardLostError(shard, error);
        throw handle === null || isOfDatabase(error) ? error : new HandlerFailedError(error);
      });
    } catch (error) {
      if (signal.aborted) throw new ShardLostError(shard, error);
      // Also tells whether the connection broke, whatever error the handler made of that.
      if (!connection.isLost) await client.query('rollback').catch(cut);
      throw connection.isLost && error instanceof HandlerFailedError ? error.cause : error;
    } finally {
      signal.removeEventListener('abort', cut);
      connection.release();
    }
  }

  private async handle(client: pg.PoolClient, work: Work, signal: AbortSignal): Promise<void> {
    const stopUsing = keepInUse(client, this.options.leaseMs / 3);
    try {
      // A handler that hangs must not hold up who gave it up.
      await unlessAborted(work(client), signal);
    } catch (error) {
      throw isOfDatabase(error) ? error : new HandlerFailedError(error);
    } finally {
      stopUsing();
    }
  }

  /** One message: no moment in between in which a process could freeze and keep the checkpoint's row locked. */
  private async commit(
    client: pg.PoolClient,
    shard: HeldShard,
    { from, to }: Move,
    page: string,
  ): Promise<void> {
    const subscription = pg.escapeLiteral(shard.subscription);
    await client.query(
      `select ${this.move}(${subscription}, ${shard.shard}, ${shard.epoch}, ${from.position}, ${to.position},
                           decode(${pg.escapeLiteral(to.chain)}, 'hex'), '${page}');
       commit`,
    );
  }
}

const nothing: Work = () => Promise.resolve();

/** Knows whether a connection broke. */
const watch = (client: pg.PoolClient) => {
  let isLost = false;
  let isReleased = false;
  const lose = (): void => void (isLost = true);
  const release = (): void => {
    if (isReleased) return;
    isReleased = true;
    client.off('error', lose);
    client.off('end', lose);
    // A connection that was cut is thrown away; the server rolls back.
    client.release(isLost);
  };
  client.on('error', lose);
  client.on('end', lose);
  return {
    get isLost() {
      return isLost;
    },
    cut: () => {
      lose();
      release();
    },
    release,
  };
};

const unlessAborted = async (work: Promise<void>, signal: AbortSignal): Promise<void> => {
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(new Error('The page was given up.'));
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
};

const keepInUse = (client: pg.PoolClient, everyMs: number): (() => void) => {
  let isAsking = false;
  const timer = setInterval(() => {
    if (isAsking) return;
    isAsking = true;
    // Fails in a transaction that has failed, which counts as use as well.
    void client.query('select').then(
      () => (isAsking = false),
      () => (isAsking = false),
    );
  }, everyMs);
  return () => clearInterval(timer);
};

/**
 * No fault of the events: the connection, the server's state, or a collision with another transaction. The same page
 * succeeds later.
 */
const isOfDatabase = (error: unknown): boolean => /^(08|40|53|57P|58|25006)/.test(codeOf(error));

const codeOf = (error: unknown): string => {
  const { code } = (error ?? {}) as { code?: unknown };
  return error instanceof pg.DatabaseError && typeof code === 'string' ? code : '';
};
