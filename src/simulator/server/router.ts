import { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';
import { type Operation } from '../ledger/ledger.js';
import { type SimulatorCore } from '../simulator-core.js';
import { errorAnswer, respond } from '../wire/answer.js';
import { providerError } from '../wire/provider-error.js';
import { controlRoute } from './control.routes.js';
import { type Exchange } from './exchange.js';
import { fileRoute } from './file.route.js';
import { balanceRoute, musicDetailRoute, statusRoute } from './read.routes.js';
import { submitRoute } from './submit.route.js';

const STATUS = '/api/generate/status/';

interface Route {
  /** Null for the simulator's own routes, which the ledger does not count. */
  readonly operation: Operation | null;
  readonly handle: () => Promise<void> | void;
}

/** Leads each request to its route. A route that throws is a defect of the simulator: 500 with the error's text. */
export const router = (core: SimulatorCore): RequestListener => {
  const connections = new WeakMap<Socket, number>();
  let lastConnection = 0;
  const numberOf = (socket: Socket): number => {
    const known = connections.get(socket) ?? (lastConnection += 1);
    connections.set(socket, known);
    return known;
  };

  return (request, response) => {
    const route = find(core, exchangeFrom(request, response, numberOf(request.socket)));
    if (!route) {
      request.resume();
      respond(request, response, core.queue, errorAnswer(providerError(404, 'Not found')), null);
      return;
    }
    const { operation } = route;
    if (operation !== null) {
      core.ledger.enter(operation);
      response.once('close', () => core.ledger.leave(operation));
    }
    void run(route, response);
  };
};

const run = async ({ handle }: Route, response: ServerResponse): Promise<void> => {
  try {
    await handle();
  } catch (error) {
    if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
    response.end(`The simulator failed: ${error instanceof Error ? error.stack : String(error)}`);
  }
};

const exchangeFrom = (request: IncomingMessage, response: ServerResponse, connection: number): Exchange => {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  return {
    request,
    response,
    connection,
    path: mark < 0 ? url : url.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
  };
};

const find = (core: SimulatorCore, exchange: Exchange): Route | null => {
  const { path, request } = exchange;
  if (path.startsWith('/_simulator/')) return { operation: null, handle: () => controlRoute(core, exchange) };
  if (request.method === 'POST') {
    return path === '/api/generate/submit'
      ? { operation: 'submit', handle: () => submitRoute(core, exchange) }
      : null;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return null;
  if (path.startsWith(STATUS)) {
    const id = decoded(path.slice(STATUS.length));
    return id === null ? null : { operation: 'status', handle: () => statusRoute(core, exchange, id) };
  }
  if (path.startsWith('/files/')) return { operation: 'file', handle: () => fileRoute(core, exchange) };
  if (path === '/api/generate/detail/music')
    return { operation: 'detail', handle: () => musicDetailRoute(core, exchange) };
  if (path === '/api/user/balance')
    return { operation: 'balance', handle: () => balanceRoute(core, exchange) };
  return null;
};

/** Null for text that is no percent-encoding. */
const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
};
