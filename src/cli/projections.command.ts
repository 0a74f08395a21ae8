import { SingleBar } from 'cli-progress';
import { Command, InvalidArgumentError } from 'commander';
import { type ConnectionOptions } from '../database/index.js';
import {
  type Difference,
  type InlineProjection,
  type ProjectionVerification,
  rebuild,
  type RebuildReport,
  verifyProjection,
} from '../event-store/index.js';
import { VERSION } from '../server/version.js';
import { taskProjection } from '../tasks/index.js';
import { type CliContext, withDatabase } from './context.js';
import { Output } from './output.js';

const PROJECTIONS: readonly InlineProjection[] = [taskProjection];
const NAMES = PROJECTIONS.map(({ name }) => name).join(', ');

interface RebuildCommandOptions {
  restart?: boolean;
  json?: boolean;
}

/** projections rebuild | verify: read models against the log. Needs no secret; the server may go on. */
export const projectionsCommand = (context: CliContext): Command => {
  const projections = new Command('projections').description(
    'read models: make them again, compare them with the log',
  );

  projections
    .command('rebuild')
    .description('make a read model again from the log alone, beside the live one, then put it in its place')
    .argument('[name]', `${NAMES}; default: all`, projection)
    .option('--restart', 'begin again instead of going on with an interrupted rebuild')
    .option('--json', 'print JSON')
    .action(
      (chosen: InlineProjection | undefined, { restart = false, json = false }: RebuildCommandOptions) =>
        withWork(context, json, async (connection, signal, progress) => {
          const reports: [InlineProjection, RebuildReport][] = [];
          for (const each of chosen ? [chosen] : PROJECTIONS) {
            const report = await rebuild(each, {
              connection,
              signal,
              restart,
              programVersion: VERSION,
              onProgress: ({ phase, position, head }) =>
                progress(`${each.name}: ${PHASES[phase]}`, position, head),
            });
            reports.push([each, report]);
            if (!report.isDone) break;
          }
          if (reports.some(([, { isDone }]) => !isDone)) context.exitCode = 1;
          new Output(json).result(
            reports.map(([{ name }, report]) => rebuildJson(name, report)),
            reports.map(([{ name }, report]) => rebuildLine(name, report)),
          );
        }),
    );

  projections
    .command('verify')
    .description('compare every row with a replay of its stream; exit code 1 on any difference')
    .argument('[name]', `${NAMES}; default: all`, projection)
    .option('--json', 'print JSON')
    .action((chosen: InlineProjection | undefined, { json = false }: { json?: boolean }) =>
      withWork(context, json, async (connection, signal, progress) => {
        const reports: [InlineProjection, ProjectionVerification][] = [];
        for (const each of chosen ? [chosen] : PROJECTIONS) {
          const onProgress = (streams: number, of: number): void =>
            progress(`${each.name}: streams`, streams, of);
          reports.push([each, await verifyProjection(each, { connection, signal, onProgress })]);
        }
        const isFine = reports.every(([, { isComplete, differing }]) => isComplete && differing === 0);
        if (!isFine) context.exitCode = 1;
        new Output(json).result(
          {
            ok: isFine,
            projections: reports.map(([{ name }, report]) => verificationJson(name, report)),
          },
          reports.flatMap(([{ name }, report]) => verificationLines(name, report)),
        );
      }),
    );
  return projections;
};

const PHASES = { copy: 'replaying the log', index: 'making indexes', follow: 'catching up' } as const;

type Progress = (what: string, value: number, total: number) => void;

/** On the database, with a bar on a terminal; the first Ctrl-C ends the work in order. */
const withWork = (
  context: CliContext,
  isJson: boolean,
  work: (connection: ConnectionOptions, signal: AbortSignal, progress: Progress) => Promise<void>,
): Promise<void> =>
  withDatabase(context, async (database, config) => {
    const bar = isJson || !process.stderr.isTTY ? null : progressBar();
    const stopping = new AbortController();
    const stop = (): void => stopping.abort();
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    bar?.start(1, 0, { what: 'starting' });
    try {
      await work(
        { url: database.url, schema: config.database.schema },
        stopping.signal,
        (what, value, total) => {
          bar?.setTotal(Math.max(total, 1));
          bar?.update(value, { what });
        },
      );
    } finally {
      bar?.stop();
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    }
  });

const progressBar = (): SingleBar =>
  new SingleBar({
    format: '{what} | {bar} {percentage}% | {value} of {total} | {eta_formatted} left',
    stream: process.stderr,
    clearOnComplete: true,
  });

const rebuildJson = (name: string, report: RebuildReport): object => ({
  projection: name,
  done: report.isDone,
  position: report.position,
  resumed_from: report.resumedFrom,
  exchange_ms: Math.round(report.exchangeMs),
});

const rebuildLine = (name: string, { isDone, position, resumedFrom, exchangeMs }: RebuildReport): string => {
  const from = resumedFrom > 0 ? `, going on from position ${resumedFrom}` : '';
  return isDone
    ? `${name} is rebuilt from the log up to position ${position}${from}. The exchange took ${Math.round(exchangeMs)} ms.`
    : `Stopped at position ${position}; ${name} is as it was. The same command goes on.`;
};

const verificationJson = (name: string, report: ProjectionVerification): object => ({
  projection: name,
  complete: report.isComplete,
  streams: report.streams,
  events: report.events,
  rows: report.rows,
  archived: report.archived,
  differing: report.differing,
  differences: report.differences,
});

const verificationLines = (name: string, report: ProjectionVerification): readonly string[] => [
  ...report.differences.map(differenceLine),
  ...(report.differing > report.differences.length
    ? [`… and ${report.differing - report.differences.length} more`]
    : []),
  `${name}: ${report.rows} rows against ${report.streams} streams with ${report.events} events: ` +
    (report.isComplete
      ? report.differing === 0
        ? 'all agree.'
        : `${report.differing} differences.`
      : `stopped before the end, ${report.differing} differences so far.`),
  ...(report.archived > 0
    ? [`${report.archived} streams begin in an archive: their rows cannot be compared.`]
    : []),
];

const differenceLine = ({ table, stream, kind, field, stored, replayed }: Difference): string => {
  if (kind === 'missing') return `${stream}  ${table}: the row is missing`;
  if (kind === 'surplus') return `${stream}  ${table}: the log makes no such row`;
  if (stored === undefined) return `${stream}  ${table}.${field}: differs from the log`;
  return `${stream}  ${table}.${field}: is ${JSON.stringify(stored)}, by the log ${JSON.stringify(replayed)}`;
};

function projection(text: string): InlineProjection {
  const found = PROJECTIONS.find(({ name }) => name === text);
  if (found === undefined) throw new InvalidArgumentError(`There is: ${NAMES}.`);
  return found;
}
