import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { type PreparedAppend } from '../../src/event-store/prepared-append.js';

/*
 * emmett on PostgreSQL, used as its documentation says: getPostgreSQLEventStore with a pool, appendToStream with the
 * expected version. It lies in a package of its own (bench/peers), because its peer dependencies conflict with ours.
 */

interface EmmettEvent {
  readonly type: string;
  readonly data: object;
  readonly metadata: object;
}

interface EmmettStore {
  appendToStream(
    stream: string,
    events: readonly EmmettEvent[],
    options: { expectedStreamVersion: bigint | string },
  ): Promise<unknown>;
  schema: { migrate(): Promise<unknown> };
  close(): Promise<void>;
}

interface EmmettPostgres {
  getPostgreSQLEventStore(
    connectionString: string,
    options: { connectionOptions: { pool: pg.Pool } },
  ): EmmettStore;
}

const PEERS = fileURLToPath(new URL('../peers', import.meta.url));

export class Emmett {
  private constructor(
    private readonly store: EmmettStore,
    private readonly pool: pg.Pool,
    private readonly noStream: string,
  ) {}

  /** Installs the package when it is missing, and makes emmett's tables in the schema `public`. */
  static async open(url: string, poolSize: number): Promise<Emmett> {
    const isInstalled = access(`${PEERS}/node_modules/@event-driven-io/emmett-postgresql`);
    await isInstalled.catch(() =>
      promisify(execFile)('npm', ['ci', '--prefix', PEERS, '--ignore-scripts', '--no-audit', '--no-fund']),
    );
    const postgres = (await load('@event-driven-io/emmett-postgresql')) as EmmettPostgres;
    const emmett = (await load('@event-driven-io/emmett')) as { STREAM_DOES_NOT_EXIST: string };
    const pool = new pg.Pool({ connectionString: url, max: poolSize });
    const store = postgres.getPostgreSQLEventStore(url, { connectionOptions: { pool } });
    await store.schema.migrate();
    return new Emmett(store, pool, emmett.STREAM_DOES_NOT_EXIST);
  }

  append({ request }: PreparedAppend): Promise<unknown> {
    const { streamId, expected, events, owner, actor, correlationId } = request;
    return this.store.appendToStream(
      streamId,
      events.map(({ type, data, sealed }) => ({
        type,
        data,
        // It knows no encrypted parts; JSON has no bytes.
        metadata: { owner, actor, correlationId, ...(sealed && { sealed: sealed.toString('base64') }) },
      })),
      { expectedStreamVersion: typeof expected === 'number' ? BigInt(expected) : this.noStream },
    );
  }

  async close(): Promise<void> {
    await this.store.close();
    if (!this.pool.ended) await this.pool.end();
  }
}

const load = (name: string): Promise<unknown> =>
  import(pathToFileURL(createRequire(`${PEERS}/package.json`).resolve(name)).href);
