#!/usr/bin/env node
import 'reflect-metadata';
import { runCommandLine } from './cli/command-line.js';
import { loadEnvironment } from './config/index.js';

// What was done is done; who should have read of it must know that there is something to look at.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.stderr.write(`The output could not be written: ${error.message}\n`);
  process.exit(1);
});
process.exitCode = await runCommandLine(process.argv.slice(2), loadEnvironment());
process.exit();
