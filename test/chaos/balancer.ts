import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** One address in front of the replicas. Knows nothing of HTTP; a replica that refuses connections is passed over. */
export interface Balancer {
  readonly url: string;
  close(): void;
}

export const startBalancer = async (ports: readonly number[]): Promise<Balancer> => {
  const open = new Set<Socket>();
  let turn = 0;

  const forward = (from: Socket, tries: number): void => {
    if (tries === 0) return void from.destroy();
    const to = connect({ host: '127.0.0.1', port: ports[(turn += 1) % ports.length]! });
    let isConnected = false;
    to.once('connect', () => {
      isConnected = true;
      from.pipe(to).pipe(from);
    });
    to.on('error', () => (isConnected ? from.destroy() : forward(from, tries - 1)));
    to.on('close', () => isConnected && from.destroy());
    from.on('close', () => to.destroy());
  };

  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => open.delete(socket));
    forward(socket, ports.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
};
