import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbeddedPostgres, type EmbeddedDatabase } from '../../src/database/index.js';
import { freePort } from '../support/server.js';
import { type Balancer, startBalancer } from './balancer.js';
import { type Plan } from './plan.js';
import { ProviderProcess } from './provider.js';
import { Replica } from './replica.js';

export const LEASE_MS = 3_000;
/** Provider time passes so much faster. */
const SPEED = 60;
const SCHEMA = 'genledger';

/** What runs: `dist` is what is deployed, `src` needs no build. */
export type Program = 'dist' | 'src';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LOADER = new URL('../support/typescript.mjs', import.meta.url).href;
const argumentsFor = (program: Program, name: 'main' | 'cli'): string[] =>
  program === 'dist' ? [join(ROOT, `dist/${name}.js`)] : ['--import', LOADER, join(ROOT, `src/${name}.ts`)];

/** Everything of a run: a PostgreSQL that waits for the disk, the provider, the replicas and the address before them. */
export class Installation {
  private constructor(
    private readonly folder: string,
    private readonly program: Program,
    private readonly environment: Readonly<Record<string, string | undefined>>,
    readonly provider: ProviderProcess,
    readonly replicas: readonly Replica[],
    private readonly balancer: Balancer,
    private readonly ports: readonly number[],
    private postgres: EmbeddedDatabase,
  ) {}

  /** @param nodeFlags for the replicas */
  static async start(plan: Plan, program: Program, nodeFlags: readonly string[] = []): Promise<Installation> {
    const folder = await mkdtemp('/tmp/genledger-chaos-');
    // As root, PostgreSQL runs as another user, who must be able to pass.
    await chmod(folder, 0o711);
    const postgres = await startEmbeddedPostgres({
      dataDir: join(folder, 'data'),
      stagingRoot: join(folder, 'staging'),
    });
    const provider = await ProviderProcess.start(await freePort(), plan.providerSeed, SPEED);
    const ports = await Promise.all(Array.from({ length: plan.options.replicas }, freePort));
    const balancer = await startBalancer(ports);
    const environment = {
      ...SETTINGS,
      DATABASE_URL: postgres.url,
      DATABASE_SCHEMA: SCHEMA,
      APIDOT_API_KEY: 'sk-chaos',
      APIDOT_BASE_URL: provider.url,
      PUBLIC_URL: balancer.url,
      CALLBACK_SECRET: randomBytes(32).toString('base64url'),
      ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      DATA_DIR: join(folder, 'cli'),
    };
    const main = [...nodeFlags, ...argumentsFor(program, 'main')];
    const replicas = ports.map(
      (port, n) =>
        new Replica(
          main,
          { ...environment, PORT: String(port), DATA_DIR: join(folder, `replica-${n}`) },
          folder,
        ),
    );
    const made = new Installation(
      folder,
      program,
      environment,
      provider,
      replicas,
      balancer,
      ports,
      postgres,
    );
    // The first one makes the schema.
    await replicas[0]!.start();
    await Promise.all(replicas.slice(1).map((replica) => replica.start()));
    return made;
  }

  /** Where clients and the provider reach the replicas. */
  get url(): string {
    return this.balancer.url;
  }

  /** One replica alone, without the balancer before it. */
  urlOf(replica: number): string {
    return `http://127.0.0.1:${this.ports[replica]}`;
  }

  get database(): { readonly url: string; readonly schema: string } {
    return { url: this.postgres.url, schema: SCHEMA };
  }

  /** As `pg_ctl stop -m immediate`: no checkpoint, every connection cut. The next start recovers. */
  async stopPostgres(): Promise<void> {
    process.kill(this.postgres.info.pid, 'SIGQUIT');
    await this.postgres.stop();
  }

  async startPostgres(): Promise<void> {
    this.postgres = await startEmbeddedPostgres({
      dataDir: join(this.folder, 'data'),
      stagingRoot: join(this.folder, 'staging'),
    });
  }

  /** Runs the command line. */
  async cli(...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
    const child = spawn(process.execPath, [...argumentsFor(this.program, 'cli'), ...args], {
      cwd: this.folder,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...this.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, out, err };
  }

  /** Answers the exit codes of the replicas. */
  async stopReplicas(): Promise<(number | null)[]> {
    return Promise.all(this.replicas.map((replica) => replica.stop()));
  }

  async close(): Promise<void> {
    await Promise.all(this.replicas.map((replica) => replica.kill()));
    this.balancer.close();
    await this.provider.stop();
    await this.postgres.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Everything as quick as the rules between settings allow. */
const SETTINGS: Readonly<Record<string, string>> = {
  LOG_LEVEL: 'error',
  LOG_FORMAT: 'json',
  SAGA_INTERVAL_MS: '200',
  SUBMIT_TIMEOUT_MS: '1500',
  STATUS_TIMEOUT_MS: '1000',
  LEASE_MS: String(LEASE_MS),
  SHUTDOWN_TIMEOUT_MS: '10000',
  POLL_INITIAL_MS: '300',
  POLL_MAX_MS: '1500',
  POLL_EXPECTED_MS: '2000',
  FAILURE_RECHECK_MS: '200',
  SHORT_RESULT_REREAD_MS: '200',
  RESULT_GRACE_MS: '3000',
  SUBMIT_RETRY_INITIAL_MS: '100',
  SUBMIT_RETRY_MAX_MS: '1000',
  BREAKER_OPEN_MS: '1000',
  ACCOUNT_PROBE_MS: '1000',
  RATE_LIMIT_PER_MINUTE: '1000000',
  // Rarely reached, so that claims count, and go one after the other, while things are broken.
  TASKS_AT_PROVIDER_PER_OWNER: '100',
};
