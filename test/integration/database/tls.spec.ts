import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { connect, migrate, startEmbeddedPostgres } from '../../../src/database/index.js';
import { selfSigned } from '../../../src/provider/apidot/testing/self-signed.js';
import { startSimulator } from '../../../src/simulator/index.js';
import { startTestServer } from '../../support/server.js';

/*
 * TLS to PostgreSQL, on a server of its own with a certificate that vouches for 127.0.0.1 alone.
 */

const SCHEMA = 'genledger';

let folder: string;
let postgres: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
let authority: string;

beforeAll(async () => {
  // Traversable for the account that PostgreSQL runs under.
  folder = await mkdtemp(join(tmpdir(), 'genledger-tls-'));
  await chmod(folder, 0o755);
  postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), durable: false });
  const { key, cert } = selfSigned();
  authority = join(folder, 'authority.pem');
  await writeFile(authority, cert);
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  // Written by the server itself, so that the files belong to it.
  await client.query(`create temporary table file (line text)`);
  for (const [name, text] of Object.entries({ 'server.key': key, 'server.crt': cert })) {
    await client.query('truncate file');
    await client.query('insert into file select unnest($1::text[])', [text.trimEnd().split('\n')]);
    await client.query(`copy file to program 'umask 077; cat > ${name}'`);
  }
  await client.query('alter system set ssl = on');
  await client.query('select pg_reload_conf()');
  for (let isOn = false; !isOn;) {
    const { rows } = await client.query<{ ssl: string }>('show ssl');
    isOn = rows[0]!.ssl === 'on';
  }
  await client.end();
});
afterAll(async () => {
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
});

const urlWith = (parameters: Record<string, string>, host = '127.0.0.1'): string => {
  const url = new URL(postgres.url);
  url.hostname = host;
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
};

const isEncrypted = async (url: string): Promise<boolean> => {
  const client = await connect({ url, schema: SCHEMA });
  try {
    const { rows } = await client.query<{ ssl: boolean }>(
      'select ssl from pg_stat_ssl where pid = pg_backend_pid()',
    );
    return rows[0]!.ssl;
  } finally {
    await client.end();
  }
};

const refusal = async (url: string): Promise<string> => {
  const error: { cause?: { code?: string } } = await connect({ url, schema: SCHEMA }).then(
    (client) => client.end().then(() => ({ cause: { code: 'connected' } })),
    (reason: Error) => reason as { cause?: { code?: string } },
  );
  return error.cause?.code ?? '';
};

it('is used when the URL asks for it, with the certificate checked', async () => {
  expect(await isEncrypted(postgres.url)).toBe(false);
  for (const sslmode of ['prefer', 'require', 'verify-ca', 'verify-full'])
    expect([sslmode, await isEncrypted(urlWith({ sslmode, sslrootcert: authority }))]).toEqual([
      sslmode,
      true,
    ]);
});

it.each(['prefer', 'require', 'verify-ca', 'verify-full'])(
  'sslmode=%s refuses a certificate nobody vouches for',
  async (sslmode) => expect(await refusal(urlWith({ sslmode }))).toBe('DEPTH_ZERO_SELF_SIGNED_CERT'),
);

it('refuses a certificate of another host', async () => {
  const url = urlWith({ sslmode: 'verify-full', sslrootcert: authority }, 'localhost');
  expect(await refusal(url)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
});

it('goes without the check only when that is written out', async () => {
  expect(await isEncrypted(urlWith({ sslmode: 'no-verify' }))).toBe(true);
  expect(await isEncrypted(urlWith({ sslmode: 'require', uselibpqcompat: 'true' }))).toBe(true);
});

it('goes for every connection of a server: pools, appends, notifications', async () => {
  const url = urlWith({ sslmode: 'require', sslrootcert: authority });
  await migrate({ url, schema: SCHEMA });
  const simulator = await startSimulator({ speed: 500 });
  const server = await startTestServer({ url, schema: SCHEMA }, simulator.url);
  const client = await connect({ url: postgres.url, schema: SCHEMA, applicationName: 'spec' });
  try {
    const acme = await server.client();
    const { body } = await acme.submit('image', 'gpt-image-2', { prompt: 'x' });
    expect((await acme.ended(body.id)).status).toBe('succeeded');
    const { rows } = await client.query<{ name: string; ssl: boolean }>(
      `select application_name as name, ssl from pg_stat_ssl join pg_stat_activity using (pid)
        where backend_type = 'client backend' and application_name like 'genledger%'`,
    );
    expect(new Set(rows.map(({ name }) => name))).toEqual(
      new Set(['genledger', 'genledger append', 'genledger listen']),
    );
    expect(rows.filter(({ ssl }) => !ssl)).toEqual([]);
  } finally {
    await client.end();
    await server.stop();
    await simulator.close();
  }
});
