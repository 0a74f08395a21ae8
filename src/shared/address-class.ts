import ipaddr from 'ipaddr.js';

/**
 * Where an address leads: `public` to a host of the internet; `inner` into this machine or the network around it (loopback,
 * private, unique local, carrier-grade NAT); `never` to what no request of ours is ever for: link-local with the
 * metadata services of clouds, unspecified, multicast, broadcast, reserved, documentation, and addresses that wrap another one
 * (6to4, Teredo, NAT64), which would hide it.
 */
export type AddressClass = 'public' | 'inner' | 'never';

const INNER: ReadonlySet<string> = new Set(['loopback', 'private', 'uniqueLocal', 'carrierGradeNat']);

/** Services of clouds that hand out credentials and answer outside the link-local range: Alibaba, Azure, AWS, Google. */
const METADATA: ReadonlySet<string> = new Set([
  '100.100.100.200',
  '168.63.129.16',
  'fd00:ec2::254',
  'fd20:ce::254',
]);

/** An IPv4 address in the deprecated IPv4-compatible form. The library takes it for a mapped one. */
const IPV4_COMPATIBLE = /^::\d+(\.\d+){3}$/;

/** Names that never lead to a public host: reserved (RFC 2606, 6761, 6762, 7686, 8375, ICANN) or used inside networks. */
const INNER_NAME =
  /(^|\.)(localhost|localdomain|local|internal|intranet|private|corp|home|lan|svc|test|invalid|onion|home\.arpa)$/;

/** Enough to tell an address from a name, once the URL parser has rewritten every spelling of an IPv4 address. */
const IP_ADDRESS = /^[\d.]+$|:/;

/**
 * Class of an IPv4 or IPv6 address as resolvers, sockets and the URL parser write it; an IPv4 address in IPv6 clothes
 * (`::ffff:10.0.0.1`) is judged as what it is. `never` for what is no address.
 */
export const addressClass = (text: string): AddressClass => {
  if (!ipaddr.isValid(text) || IPV4_COMPATIBLE.test(text)) return 'never';
  const address = ipaddr.process(text);
  if (METADATA.has(address.toString())) return 'never';
  const range = address.range();
  if (INNER.has(range)) return 'inner';
  return range === 'unicast' && (!('parts' in address) || isGlobal(address)) ? 'public' : 'never';
};

/** Only 2000::/3 is given to public hosts; the rest of IPv6 is not in every table of special ranges. */
const isGlobal = ({ parts }: ipaddr.IPv6): boolean => parts[0]! >> 13 === 1;

/**
 * Class of a host as the URL parser gives it, without a dot at the end: lower case, IPv4 in dotted decimals, IPv6 in
 * brackets. A name is judged by its form alone; where it leads is only known when it is resolved.
 */
export const hostClass = (host: string): AddressClass => {
  const address = host.replace(/^\[|\]$/g, '');
  if (IP_ADDRESS.test(address)) return addressClass(address);
  // A name without a dot is only known inside somebody's network.
  return host.includes('.') && !INNER_NAME.test(host) ? 'public' : 'inner';
};
