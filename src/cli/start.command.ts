import { Command } from 'commander';
import { runServer } from '../server/run-server.js';
import { type CliContext } from './context.js';

export const startCommand = (context: CliContext): Command =>
  new Command('start').description('run the server').action(async () => {
    context.exitCode = await runServer(context.environment, process.stdout.isTTY);
  });
