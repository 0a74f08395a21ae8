import Fastify from 'fastify';
import pg from 'pg';

/*
 * The yardstick: a Fastify server that makes one INSERT, or one SELECT, per request and nothing else. No validation, no
 * authentication, no idempotency, no history.
 *
 * Usage: bare.ts DATABASE_URL PORT
 */
const [url, port] = process.argv.slice(2) as [string, string];
const pool = new pg.Pool({ connectionString: url, max: 10 });
await pool.query(`create table if not exists bare (id bigint generated always as identity primary key,
  created_at timestamptz not null default now(), body jsonb not null)`);

const server = Fastify();
server.post('/rows', async (request, reply) => {
  const { rows } = await pool.query<{ id: string }>({
    name: 'insert',
    text: 'insert into bare (body) values ($1) returning id',
    values: [JSON.stringify(request.body)],
  });
  return reply.code(202).send({ id: rows[0]!.id });
});
server.get<{ Params: { id: string } }>('/rows/:id', async (request) => {
  const { rows } = await pool.query({
    name: 'select',
    text: 'select id, created_at, body from bare where id = $1',
    values: [request.params.id],
  });
  return rows[0];
});
await server.listen({ port: Number(port), host: '127.0.0.1' });
process.stdout.write('ready\n');
