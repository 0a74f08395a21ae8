import { type TestDatabase } from './postgres.js';

/*
 * Everything a database holds, as text, and ways to look for something in it however it is written there.
 */

/**
 * All rows of all tables of the schema, one text per table, bytea as hex; and what PostgreSQL itself keeps of them: samples of
 * values for the planner, texts of statements, comments.
 */
export const dumpOf = async ({ pool, schema }: TestDatabase): Promise<Map<string, string>> => {
  await pool.query('analyze');
  const { rows: tables } = await pool.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = $1 and table_type = 'BASE TABLE'",
    [schema],
  );
  const places = new Map<string, string>(
    tables.map(({ name }) => [name, `select r::text as row from "${schema}"."${name}" r`]),
  );
  places.set('pg_stats', `select s::text as row from pg_stats s where schemaname = '${schema}'`);
  places.set('pg_stat_activity', 'select query as row from pg_stat_activity');
  places.set('pg_description', 'select description as row from pg_description');
  const dumped = new Map<string, string>();
  for (const [name, text] of places) {
    const { rows } = await pool.query<{ row: string }>(text);
    dumped.set(name, rows.map(({ row }) => row).join('\n'));
  }
  return dumped;
};

/** The mark as it would stand in a text: as it is, in hex, in base64 of both alphabets at any offset, percent-encoded. */
export const spellingsOf = (mark: string | Buffer): string[] => {
  const bytes = Buffer.from(mark);
  const spellings = [bytes.toString('hex'), bytes.toString('hex').toUpperCase()];
  if (typeof mark === 'string')
    spellings.push(mark, encodeURIComponent(mark), JSON.stringify(mark).slice(1, -1));
  for (const offset of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    // The characters at both ends depend on what stands beside the mark.
    const inside = text.slice(offset === 0 ? 0 : offset + 1, Math.floor(((offset + bytes.length) * 4) / 3));
    spellings.push(inside, inside.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return [...new Set(spellings)];
};

/** Which of the named marks stand in which of the named texts: `mark in text`. Empty is what is wanted. */
export const findMarks = (
  texts: ReadonlyMap<string, string>,
  marks: Readonly<Record<string, string | Buffer>>,
): string[] =>
  Object.entries(marks).flatMap(([mark, value]) => {
    const spellings = spellingsOf(value);
    return [...texts]
      .filter(([, text]) => spellings.some((spelling) => text.includes(spelling)))
      .map(([name]) => `${mark} in ${name}`);
  });
