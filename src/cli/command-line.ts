import { Command, CommanderError } from 'commander';
import { type Environment } from '../config/index.js';
import { GenledgerError } from '../shared/errors.js';
import { archiveCommand } from './archive.command.js';
import { auditCommand } from './audit.command.js';
import { type CliContext } from './context.js';
import { eraseCommand } from './erase.command.js';
import { keysCommand } from './keys.command.js';
import { migrateCommand } from './migrate.command.js';
import { Output } from './output.js';
import { parkedCommand } from './parked.command.js';
import { projectionsCommand } from './projections.command.js';
import { recoverCommand } from './recover.command.js';
import { replayCommand } from './replay.command.js';
import { reportCommand } from './report.command.js';
import { simulatorCommand } from './simulator.command.js';
import { startCommand } from './start.command.js';
import { subscriptionsCommand } from './subscriptions.command.js';
import { submissionsCommand } from './submissions.command.js';
import { tasksCommand } from './tasks.command.js';

export const EXIT = { done: 0, failed: 1, wrongUsage: 2 } as const;

/** Runs one command. Answers the exit code: 0 done, 1 failed or found something wrong, 2 wrong usage. */
export const runCommandLine = async (args: readonly string[], environment: Environment): Promise<number> => {
  const context: CliContext = { environment, exitCode: EXIT.done };
  const program = new Command('genledger')
    .description('Event-sourced backend for long-running AI media generation.')
    .helpCommand(false)
    .showHelpAfterError('(genledger --help lists the commands)')
    .exitOverride();
  for (const make of [
    startCommand,
    migrateCommand,
    keysCommand,
    tasksCommand,
    submissionsCommand,
    recoverCommand,
    reportCommand,
    replayCommand,
    eraseCommand,
    auditCommand,
    archiveCommand,
    projectionsCommand,
    subscriptionsCommand,
    parkedCommand,
    simulatorCommand,
  ]) {
    program.addCommand(make(context));
  }
  // Sub-commands take the handling of wrong usage from here.
  const settle = (command: Command): void => {
    command.exitOverride();
    command.commands.forEach(settle);
  };
  settle(program);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return context.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUsage;
    new Output(args.includes('--json')).failure(
      error instanceof GenledgerError
        ? error.message
        : error instanceof Error
          ? (error.stack ?? error.message)
          : String(error),
    );
    return EXIT.failed;
  }
};
