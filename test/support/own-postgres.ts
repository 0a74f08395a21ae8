import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import {
  clientConfig,
  closePool,
  type EmbeddedDatabase,
  migrate,
  startEmbeddedPostgres,
} from '../../src/database/index.js';
import { gone } from './processes.js';

/*
 * A PostgreSQL of a spec's own, for what cannot be done to the one that all specs share: to crash it, to copy it.
 */
export class OwnPostgres {
  /** Of the database that is running; the port stays the same over a restart as long as it is free. */
  pool!: pg.Pool;
  private server!: EmbeddedDatabase;

  private constructor(
    private readonly folder: string,
    /** False does not wait for the disk. */
    private readonly durable: boolean,
  ) {}

  readonly schema = 'genledger';

  get url(): string {
    return this.server.url;
  }

  /** Of the postmaster. */
  get pid(): number {
    return this.server.info.pid;
  }

  /** With the schema in it. */
  static async start(options: { readonly durable: boolean }): Promise<OwnPostgres> {
    const own = new OwnPostgres(await newFolder(), options.durable);
    await own.run();
    await migrate({ url: own.url, schema: own.schema });
    return own;
  }

  /** As after a power cut, as far as processes go: no checkpoint, no goodbye (immediate mode). */
  async crash(): Promise<void> {
    const { pid } = this.server.info;
    process.kill(pid, 'SIGQUIT');
    await gone(pid);
  }

  /** After a crash; pools that were open find it again. */
  async restart(): Promise<void> {
    await this.server.stop();
    this.server = await this.startServer();
  }

  /** A second one with a cold copy of the data. Nobody may be connected; stops this one for as long as it takes. */
  async copy(): Promise<OwnPostgres> {
    await this.stop();
    const other = new OwnPostgres(await newFolder(), this.durable);
    // With owners and modes, which PostgreSQL insists on.
    await promisify(execFile)('cp', ['-a', join(this.folder, 'data'), other.folder]);
    await this.run();
    await other.run();
    return other;
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }

  private async run(): Promise<void> {
    this.server = await this.startServer();
    this.pool = new pg.Pool(clientConfig({ url: this.url, schema: this.schema, applicationName: 'spec' }));
    // That connections are lost is what happens here.
    this.pool.on('error', () => undefined);
    this.pool.on('connect', (client) => client.on('error', () => undefined));
  }

  private startServer(): Promise<EmbeddedDatabase> {
    return startEmbeddedPostgres({
      dataDir: join(this.folder, 'data'),
      stagingRoot: join(this.folder, 'staging'),
      durable: this.durable,
    });
  }

  private async stop(): Promise<void> {
    const { pid } = this.server.info;
    await closePool(this.pool);
    await this.server.stop();
    await gone(pid);
  }
}

/** When root runs the specs, PostgreSQL runs as another user and must be able to pass. */
const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(process.env.GENLEDGER_TEST_FOLDER!, 'own-'));
  await chmod(folder, 0o711);
  return folder;
};
