import { Command, InvalidArgumentError } from 'commander';
import { FAULTS, parseFaults, startSimulator } from '../simulator/index.js';
import { type CliContext } from './context.js';

interface Options {
  port: number;
  host: string;
  speed: number;
  seed?: number;
  fault: string[];
}

/** The provider simulator alone, until a signal ends it. */
export const simulatorCommand = (_context: CliContext): Command =>
  new Command('simulator')
    .description('run the provider simulator alone')
    .option('--port <port>', 'where it listens; 0 for a free one', number, 3001)
    .option('--host <host>', 'the address it listens on', '127.0.0.1')
    .option('--speed <factor>', 'how many times faster than real', number, 30)
    .option('--seed <n>', 'repeat durations and chances of another run', number)
    .option(
      '--fault <name[=value][@p|xN]>',
      `switch a fault on; may repeat. Known: ${Object.keys(FAULTS).join(', ')}`,
      collect,
      [],
    )
    .action(async ({ fault, ...options }: Options) => {
      const simulator = await startSimulator({ ...options, faults: parseFaults(fault) });
      process.stdout.write(`The provider simulator listens on ${simulator.url}, any API key is accepted.\n`);
      await new Promise<void>((resolve) => {
        process.once('SIGINT', resolve);
        process.once('SIGTERM', resolve);
      });
      await simulator.close();
    });

const number = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('A number, please.');
  return value;
};

const collect = (text: string, before: string[]): string[] => {
  try {
    parseFaults([text]);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  return [...before, text];
};
