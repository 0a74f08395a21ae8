import { CommandBus } from '@nestjs/cqrs';
import { type INestApplicationContext } from '@nestjs/common';
import { Command, InvalidArgumentError } from 'commander';
import {
  ResubmitTask,
  ResumeAccount,
  ResumeTask,
  TASK_STATUSES,
  TaskHistory,
  TaskNotFoundError,
  TaskReader,
  TaskStatusConflictError,
  type TaskStatus,
  type TaskView,
  WaitingTasks,
} from '../tasks/index.js';
import { type CliContext, showTask, withApplication } from './context.js';
import { Output, table } from './output.js';
import { taskId } from './task-id.js';

const CAUSE = { actor: 'cli', correlationId: null };

interface ListOptions {
  owner?: string;
  status?: TaskStatus;
  limit: number;
  json?: boolean;
}

/** tasks show | list | resume | resubmit: the operator's view, over all owners. */
export const tasksCommand = (context: CliContext): Command => {
  const tasks = new Command('tasks').description('tasks of all owners');
  const asJson = (task: TaskView): object => showTask(context, task);

  tasks
    .command('show')
    .description('one task, now or as of a version')
    .argument('<id>', 'of the task', taskId)
    .option('--at <version>', 'as of this version of its stream', wholeNumber)
    .option('--json', 'print JSON')
    .action((id: string, { at, json = false }: { at?: number; json?: boolean }) =>
      withApplication(context, async (app) => {
        const task = await findTask(app, id, at);
        new Output(json).result(asJson(task), [JSON.stringify(asJson(task), null, 2)]);
      }),
    );

  tasks
    .command('list')
    .description('newest first')
    .option('--owner <owner>', 'only of this owner')
    .option('--status <status>', `one of ${TASK_STATUSES.join(', ')}`, parseStatus)
    .option('--limit <n>', 'at most so many', wholeNumber, 50)
    .option('--json', 'print JSON')
    .action(({ owner, status, limit, json = false }: ListOptions) =>
      withApplication(context, async (app) => {
        const filter = { owner: owner ?? null, statuses: status ? [status] : undefined };
        const { tasks: found } = await app.get(TaskReader).list(filter, limit, null);
        const rows = found.map((task) => [
          task.id,
          task.owner,
          task.domain,
          task.model,
          task.status,
          task.error?.code ?? '',
          task.createdAt.toISOString(),
        ]);
        new Output(json).result(
          found.map(asJson),
          table([['ID', 'OWNER', 'DOMAIN', 'MODEL', 'STATUS', 'ERROR', 'CREATED'], ...rows]),
        );
      }),
    );

  tasks
    .command('resume')
    .description('send a held task back to the queue; --all: every held task, and the provider account')
    .argument('[id]', 'of the task', taskId)
    .option('--all', 'every held task, and the account')
    .option('--json', 'print JSON')
    .action(
      (
        id: string | undefined,
        { all = false, json = false }: { all?: boolean; json?: boolean },
        command: Command,
      ) => {
        if ((id === undefined) !== all) command.error('error: give either an id or --all', { exitCode: 2 });
        return withApplication(context, async (app) => {
          const resumed = id === undefined ? await resumeAll(app) : await resumeOne(app, id);
          new Output(json).result({ resumed }, [`${resumed.length} task(s) resumed.`]);
        });
      },
    );

  tasks
    .command('resubmit')
    .description('one more attempt, although an earlier one may have been paid')
    .argument('<id>', 'of the task', taskId)
    .requiredOption('--reason <text>', 'why the risk of paying twice is accepted; recorded')
    .option('--accept-duplicate-risk', 'required: the provider may charge a second time')
    .option('--json', 'print JSON')
    .action(
      (
        id: string,
        options: { reason: string; acceptDuplicateRisk?: boolean; json?: boolean },
        command: Command,
      ) => {
        if (!options.acceptDuplicateRisk)
          command.error('error: --accept-duplicate-risk is required', { exitCode: 2 });
        return withApplication(context, async (app) => {
          await app.get(CommandBus).execute(new ResubmitTask(id, null, options.reason, null, CAUSE));
          const task = await findTask(app, id);
          new Output(options.json ?? false).result(asJson(task), [`Task ${id} is ${task.status}.`]);
        });
      },
    );
  return tasks;
};

const findTask = async (app: INestApplicationContext, id: string, version?: number): Promise<TaskView> => {
  const task =
    version === undefined
      ? await app.get(TaskReader).find(id)
      : (await app.get(TaskHistory).replay(id, { version }))?.task;
  if (!task) throw new TaskNotFoundError(id);
  return task;
};

const resumeOne = async (app: INestApplicationContext, id: string): Promise<string[]> => {
  await app.get(CommandBus).execute(new ResumeTask(id, null, 'operator', CAUSE));
  return [id];
};

const RESUMED_AT_ONCE = 1_000;

/** Each held task once: what a worker holds again meanwhile has met a refusal that still stands. */
const resumeAll = async (app: INestApplicationContext): Promise<string[]> => {
  const [commands, waiting] = [app.get(CommandBus), app.get(WaitingTasks)];
  await commands.execute(new ResumeAccount(CAUSE));
  const resumed = new Set<string>();
  for (;;) {
    const held = (await waiting.allHeld(RESUMED_AT_ONCE)).filter((id) => !resumed.has(id));
    if (held.length === 0) return [...resumed];
    for (const id of held) {
      resumed.add(id);
      await resumeOne(app, id).catch(unlessNotHeld);
    }
  }
};

/** A server beside us follows the account as well and may have been first. */
const unlessNotHeld = (error: unknown): void => {
  if (!(error instanceof TaskStatusConflictError)) throw error;
};

const wholeNumber = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('A whole number, please.');
  return Number(text);
};

const parseStatus = (text: string): TaskStatus => {
  if (!TASK_STATUSES.includes(text as TaskStatus))
    throw new InvalidArgumentError(`One of ${TASK_STATUSES.join(', ')}.`);
  return text as TaskStatus;
};
