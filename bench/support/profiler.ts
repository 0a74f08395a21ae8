import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'undici';

interface Reply {
  readonly id: number;
  readonly result?: { readonly profile?: unknown };
}

/**
 * Profiles a process that was started with `--inspect=127.0.0.1:PORT`, from this call until `stop`, which writes a
 * `.cpuprofile` for Chromium's or an editor's viewer. So warm-up and seeding are not in it.
 */
export const startProfile = async (port: number): Promise<{ stop(file: string): Promise<void> }> => {
  const [target] = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
    webSocketDebuggerUrl: string;
  }[];
  const socket = new WebSocket(target!.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', reject, { once: true });
  });
  let last = 0;
  const ask = (method: string, params: object = {}): Promise<Reply> =>
    new Promise((resolve) => {
      const id = ++last;
      const listen = ({ data }: { data: unknown }): void => {
        const reply = JSON.parse(String(data)) as Reply;
        if (reply.id !== id) return;
        socket.removeEventListener('message', listen);
        resolve(reply);
      };
      socket.addEventListener('message', listen);
      socket.send(JSON.stringify({ id, method, params }));
    });
  await ask('Profiler.enable');
  await ask('Profiler.setSamplingInterval', { interval: 500 });
  await ask('Profiler.start');
  return {
    async stop(file) {
      const { result } = await ask('Profiler.stop');
      mkdirSync('bench/profiles', { recursive: true });
      writeFileSync(join('bench/profiles', file), JSON.stringify(result!.profile));
      socket.close();
    },
  };
};
