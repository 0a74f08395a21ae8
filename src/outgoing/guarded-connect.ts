import { type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { addressClass } from '../shared/address-class.js';

/** The resolver: every address of a name. */
export type Lookup = (
  hostname: string,
  options: { readonly all: true; readonly family?: number | 'IPv4' | 'IPv6'; readonly hints?: number },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export interface GuardedConnectOptions {
  readonly allowInner: boolean;
  readonly lookup: Lookup;
  /** Name lookup, TCP and TLS together, milliseconds. */
  readonly timeoutMs: number;
}

/** An address that no request may go to. Says nothing of the address: the answer is for whoever chose the URL. */
export class AddressRefusedError extends Error {
  constructor() {
    super('The URL leads to an address that requests are not sent to.');
    this.name = 'AddressRefusedError';
  }
}

/**
 * Opens connections to allowed addresses only. Every address a name has must be allowed, since any of them may be taken;
 * and what is looked up here is what is connected to, so there is no second lookup that could answer otherwise.
 *
 * @throws AddressRefusedError through the callback
 */
export const guardedConnect = ({
  allowInner,
  lookup,
  timeoutMs,
}: GuardedConnectOptions): buildConnector.connector => {
  const isAllowed = (address: string): boolean => {
    const found = addressClass(address);
    return found === 'public' || (allowInner && found === 'inner');
  };
  const connect = buildConnector({ timeout: timeoutMs, lookup: guardedLookup(lookup, isAllowed) });
  return (options, callback) => {
    const { hostname } = options;
    // No lookup happens for an address.
    if (isIP(hostname) !== 0 && !isAllowed(hostname)) return callback(new AddressRefusedError(), null);
    connect(options, (...[error, socket]) => {
      if (error) return callback(error, null);
      if (isAllowed(socket.remoteAddress ?? '')) return callback(null, socket);
      socket.destroy();
      callback(new AddressRefusedError(), null);
    });
  };
};

const guardedLookup =
  (lookup: Lookup, isAllowed: (address: string) => boolean): LookupFunction =>
  (hostname, { family, hints, all: wantsAll }, callback) =>
    lookup(hostname, { all: true, family, hints }, (error, addresses) => {
      if (error) return callback(error, '');
      const [first] = addresses;
      if (!first || !addresses.every(({ address }) => isAllowed(address)))
        return callback(new AddressRefusedError(), '');
      if (wantsAll) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
