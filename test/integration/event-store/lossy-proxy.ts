import { connect, createServer, type Server, type Socket } from 'node:net';
import { type AddressInfo } from 'node:net';

/** Stands between a store and PostgreSQL and can lose an answer, which no server can be asked to do. */
export class LossyProxy {
  private readonly sockets = new Set<Socket>();
  private server: Server | null = null;
  private losing: (() => void) | null = null;
  private port = 0;

  constructor(private readonly target: URL) {}

  /** The target's URL by way of this proxy. */
  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String(this.port);
    return url.href;
  }

  async open(): Promise<void> {
    this.server = createServer((inside) => {
      const outside = connect(Number(this.target.port), this.target.hostname);
      for (const [from, to] of [
        [inside, outside],
        [outside, inside],
      ] as const) {
        this.sockets.add(from);
        from.on('error', () => to.destroy());
        from.on('close', () => {
          this.sockets.delete(from);
          to.destroy();
        });
      }
      inside.pipe(outside);
      outside.on('data', (chunk) => {
        if (this.losing === null) inside.write(chunk);
        else {
          this.losing();
          this.losing = null;
          inside.destroy();
        }
      });
    });
    await new Promise<void>((resolve) => this.server!.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** The next answer is thrown away and its connection cut. Resolves when that has happened. */
  loseNextAnswer(): Promise<void> {
    return new Promise((resolve) => (this.losing = resolve));
  }

  /** Refuses connections until opened again; cuts those that exist. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server!.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}
