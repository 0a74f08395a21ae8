import { Command, InvalidArgumentError } from 'commander';
import { closePool, createPool } from '../database/index.js';
import { archive, type ArchivedPartition, type ArchivedRange, StoredLog } from '../event-store/index.js';
import { taskArchiveGuard } from '../tasks/index.js';
import { type CliContext, withDatabase } from './context.js';
import { Output, table } from './output.js';
import { parseSpan } from './span.js';

interface ArchiveCommandOptions {
  before?: number;
  olderThan?: number;
  out: string;
  list?: boolean;
  json?: boolean;
}

/** archive: moves the oldest partitions of the log into files. As the owner of the log; the server may go on. */
export const archiveCommand = (context: CliContext): Command =>
  new Command('archive')
    .description(
      'move the oldest partition of the log, or those that are named, into files that can be verified',
    )
    .option('--before <position>', 'all partitions that end before this position', position)
    .option(
      '--older-than <span>',
      'all partitions whose newest event is older than this, e.g. 90d',
      parseSpan,
    )
    .option('--out <folder>', 'where the files go', '.')
    .option('--list', 'only list what is archived')
    .option('--json', 'print JSON')
    .action(({ list = false, ...options }: ArchiveCommandOptions) =>
      list ? listArchives(context, options) : archiveNow(context, options),
    );

const archiveNow = (
  context: CliContext,
  { before, olderThan, out, json = false }: ArchiveCommandOptions,
): Promise<void> =>
  withDatabase(context, async (database, config) => {
    const output = new Output(json);
    const stopping = new AbortController();
    const stop = (): void => stopping.abort();
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    try {
      const archived = await archive({
        connection: { url: database.url, schema: config.database.schema },
        guard: taskArchiveGuard,
        folder: out,
        before,
        recordedBefore: olderThan === undefined ? undefined : new Date(Date.now() - olderThan),
        signal: stopping.signal,
        onProgress: (at, last) => output.progress(`archiving: position ${at} of ${last}`),
      });
      output.result({ archived: archived.map(archivedJson) }, archivedLines(archived));
    } finally {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    }
  });

const listArchives = (context: CliContext, { json = false }: ArchiveCommandOptions): Promise<void> =>
  withDatabase(context, async (database, { database: { schema } }) => {
    const pool = createPool({ url: database.url, schema, poolSize: 1 });
    try {
      const archives = await new StoredLog(pool, schema).archives();
      new Output(json).result({ archives: archives.map(listedJson) }, listedLines(archives));
    } finally {
      await closePool(pool);
    }
  });

const archivedJson = ({
  firstPosition,
  lastPosition,
  path,
  bytes,
  sha256,
  events,
  kept,
}: ArchivedPartition) => ({
  first_position: firstPosition,
  last_position: lastPosition,
  file: path,
  bytes,
  sha256,
  events,
  kept,
});

const archivedLines = (archived: readonly ArchivedPartition[]): string[] =>
  archived.length === 0
    ? ['No partition of the log is full and as old as that.']
    : archived.flatMap(({ firstPosition, lastPosition, path, bytes, sha256 }) => [
        `Positions ${firstPosition} to ${lastPosition} are in ${path} (${bytes} bytes) and no longer in the database.`,
        `  sha256 ${sha256}`,
      ]);

const listedJson = ({ firstPosition, lastPosition, file, sha256, kept }: ArchivedRange) => ({
  first_position: firstPosition,
  last_position: lastPosition,
  file,
  sha256,
  kept,
});

const listedLines = (archives: readonly ArchivedRange[]): string[] =>
  archives.length === 0
    ? ['Nothing is archived: the whole log is in the database.']
    : table([
        ['FROM', 'TO', 'FILE', 'SHA256'],
        ...archives.map(({ firstPosition, lastPosition, file, sha256 }) => [
          String(firstPosition),
          String(lastPosition),
          file,
          sha256,
        ]),
      ]);

const position = (text: string): number => {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('A whole number from 1, please.');
  return Number(text);
};
