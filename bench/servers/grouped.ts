import Fastify from 'fastify';
import pg from 'pg';

/*
 * What group commit alone can bring: as bare.ts, but rows that arrive while one statement is under way go together in the
 * next. It knows nothing of what it stores.
 *
 * Usage: grouped.ts DATABASE_URL PORT
 */
const [url, port] = process.argv.slice(2) as [string, string];
const client = new pg.Client({ connectionString: url });
await client.connect();
await client.query(`create table if not exists bare (id bigint generated always as identity primary key,
  created_at timestamptz not null default now(), body jsonb not null)`);

interface Row {
  readonly body: string;
  readonly stored: (id: string) => void;
  readonly refused: (error: unknown) => void;
}
let waiting: Row[] = [];
let isWriting = false;

const write = async (): Promise<void> => {
  isWriting = true;
  while (waiting.length > 0) {
    const batch = waiting;
    waiting = [];
    try {
      const { rows } = await client.query<{ id: string }>({
        name: 'insert',
        text: 'insert into bare (body) select unnest($1::jsonb[]) returning id',
        values: [batch.map(({ body }) => body)],
      });
      batch.forEach(({ stored }, i) => stored(rows[i]!.id));
    } catch (error) {
      batch.forEach(({ refused }) => refused(error));
    }
  }
  isWriting = false;
};

const server = Fastify();
server.post('/rows', async (request, reply) => {
  const id = await new Promise<string>((stored, refused) => {
    waiting.push({ body: JSON.stringify(request.body), stored, refused });
    if (!isWriting) void write();
  });
  return reply.code(202).send({ id });
});
await server.listen({ port: Number(port), host: '127.0.0.1' });
process.stdout.write('ready\n');
