import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MigrationFilesError } from './migration.errors.js';

/** One step of the schema: a file `0001-what-it-does.sql` with unqualified names, never edited once it is released. */
export interface MigrationFile {
  readonly file: string;
  /** What TypeORM calls it: `WhatItDoes0000000000001`, its number where TypeORM expects a time. */
  readonly name: string;
  readonly sql: string;
  /** Of the text with line ends as LF, so that a checkout on another system is the same file. */
  readonly sha256: string;
}

/** `migrations` beside package.json: as far from this file in src as from its build in dist. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../../migrations', import.meta.url));

const FILE = /^(\d{4})-([a-z0-9]+(?:-[a-z0-9]+)*)\.sql$/;

/**
 * All migrations in order. Files that do not end in `.sql` are left alone.
 *
 * @throws MigrationFilesError when a name is not understood or the numbers are not 1, 2, 3 …: two branches that both
 * added number 7 must be noticed before either is applied.
 */
export const readMigrationFiles = async (folder = MIGRATIONS_FOLDER): Promise<MigrationFile[]> => {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  if (files.length === 0) throw new MigrationFilesError(folder, 'no migrations in it.');
  return Promise.all(
    files.map(async (file, index) => {
      const [, number, words] = FILE.exec(file) ?? [];
      if (number === undefined || words === undefined) {
        throw new MigrationFilesError(folder, `${file} is not named like 0001-what-it-does.sql.`);
      }
      if (Number(number) !== index + 1) {
        throw new MigrationFilesError(
          folder,
          `${file} stands where number ${index + 1} belongs: numbers count from 1, each once.`,
        );
      }
      const sql = (await readFile(join(folder, file), 'utf8')).replaceAll('\r\n', '\n');
      return {
        file,
        name: pascal(words) + number.padStart(13, '0'),
        sql,
        sha256: createHash('sha256').update(sql).digest('hex'),
      };
    }),
  );
};

const pascal = (words: string): string =>
  words
    .split('-')
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join('');
