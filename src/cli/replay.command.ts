import { Command, InvalidArgumentError } from 'commander';
import { parseInstant } from '../shared/parse-instant.js';
import { type OpenedEvent, type ReplayPoint, TaskHistory, TaskNotFoundError } from '../tasks/index.js';
import { type CliContext, showTask, withApplication } from './context.js';
import { Output, table } from './output.js';
import { taskId } from './task-id.js';

const ALL_EVENTS = 100_000;

/** replay ID [--at VERSION or TIME]: the history of a task and the state folded from it, from the log alone. */
export const replayCommand = (context: CliContext): Command =>
  new Command('replay')
    .description('print the history of a task and the state folded from it')
    .argument('<id>', 'of the task', taskId)
    .option('--at <point>', 'as of a version (7) or an instant (2026-11-23T10:00:00Z)', parsePoint)
    .option('--json', 'print JSON')
    .action((id: string, { at = {}, json = false }: { at?: ReplayPoint; json?: boolean }) =>
      withApplication(context, async (app) => {
        const history = app.get(TaskHistory);
        const replay = await history.replay(id, at);
        if (!replay) throw new TaskNotFoundError(id);
        const events = await history.events(id, 0, Math.min(ALL_EVENTS, replay.asOfVersion));
        const task = showTask(context, replay.task);
        new Output(json).result(
          { task, replayed_events: replay.replayedEvents, as_of_version: replay.asOfVersion, events },
          [...table(events.map(toLine)), '', JSON.stringify(task, null, 2)],
        );
      }),
    );

const toLine = (event: OpenedEvent): string[] => [
  String(event.version),
  event.recordedAt.toISOString(),
  event.type,
  event.actor,
  summaryOf(event),
];

/** The fields an operator looks for, without what is personal. */
const SHOWN = ['attempt', 'verdict', 'provider_task_id', 'status', 'reason', 'code', 'learned_from'];

const summaryOf = ({ data }: OpenedEvent): string =>
  SHOWN.flatMap((field) => {
    const value = data[field];
    return typeof value === 'string' || typeof value === 'number' ? [`${field}=${value}`] : [];
  }).join(' ');

const parsePoint = (text: string): ReplayPoint => {
  if (/^\d{1,9}$/.test(text)) return { version: Number(text) };
  const at = parseInstant(text);
  if (!at) throw new InvalidArgumentError('A version (7) or an instant (2026-11-23T10:00:00Z).');
  return { at };
};
