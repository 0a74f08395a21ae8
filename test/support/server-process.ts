import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const LOADER = new URL('./typescript.mjs', import.meta.url).href;

/** The server as a process of its own, to be killed. */
export interface ServerProcess {
  readonly child: ChildProcess;
  readonly url: string;
  /** Everything it wrote so far. */
  output(): string;
  /** Sends the signal and resolves with the exit code when it is gone. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts the server with this environment and nothing else, and resolves when it says that it is ready. */
export const startServerProcess = (
  environment: Record<string, string | undefined>,
  cwd: string,
): Promise<ServerProcess> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', LOADER, '--enable-source-maps', MAIN], {
      cwd,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = once(child, 'exit') as Promise<[number | null]>;
    let said = '';
    const listen = (chunk: Buffer): void => {
      said += chunk.toString();
      const [, url] = /Genledger is ready\s+(http\S+)/.exec(said) ?? [];
      if (!url) return;
      resolve({
        child,
        url,
        output: () => said,
        end: async (signal) => {
          child.kill(signal);
          const [code] = await exited;
          return code;
        },
      });
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    void exited.then(([code]) => reject(new Error(`the server ended with ${code}:\n${said}`)));
  });
