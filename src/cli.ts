#!/usr/bin/env node
import 'reflect-metadata';
import { runCommandLine } from './cli/command-line.js';
import { loadEnvironment } from './config/index.js';

process.exitCode = await runCommandLine(process.argv.slice(2), loadEnvironment());
// That the output could not be written is told in the next turn only.
await new Promise((resolve) => setImmediate(resolve));
process.exit();
