import 'reflect-metadata';
import { loadEnvironment } from './config/index.js';
import { runServer } from './server/run-server.js';

process.exitCode = await runServer(loadEnvironment(), process.stdout.isTTY);
// Whatever still holds the event loop has nothing left to do.
process.exit();
