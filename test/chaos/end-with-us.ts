import { type ChildProcess } from 'node:child_process';

const ours = new Set<ChildProcess>();
process.once('exit', () => ours.forEach((child) => child.kill('SIGKILL')));

/** A run that is broken off leaves no process behind. */
export const endWithUs = (child: ChildProcess): void => {
  ours.add(child);
  child.once('exit', () => ours.delete(child));
};

/** Ctrl-C ends a run, and with it what it started. For the commands; where tests run, signals are not ours. */
export const exitOnSignals = (): void => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
};
