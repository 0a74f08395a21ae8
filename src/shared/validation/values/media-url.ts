import { parseUrl } from '../../parse-url.js';
import ipaddr from 'ipaddr.js';
import { type ValueType } from '../value-type.js';

/** Longest URL we pass on, in UTF-16 units. Longer ones are refused by many fetchers on the way. */
export const LONGEST_MEDIA_URL = 2048;

/** Names that never lead to a public host. */
const PRIVATE_NAME = /(^|\.)(localhost|localdomain|local|internal|intranet|lan|home\.arpa)$/;

/** Enough to tell an address from a name, once the URL parser has rewritten every spelling of an IPv4 address. */
const IP_ADDRESS = /^[\d.]+$|:/;

/** Space, control characters and backslashes are read differently by different URL parsers, so the host could differ too. */
const AMBIGUOUS = /[\u0000-\u0020\u007f\\]/; // eslint-disable-line no-control-regex

/**
 * A public http(s) URL where the provider fetches media. Judged by its form only, nothing is resolved: no `data:`, no
 * user or password, no host that is private, loopback, link-local or reserved, whichever way its address is written.
 */
export const mediaUrl = (): ValueType => ({
  words: `a public http(s) URL of at most ${LONGEST_MEDIA_URL} characters, without user or password`,
  schema: () => ({
    type: 'string',
    format: 'uri',
    pattern: '^[hH][tT][tT][pP][sS]?://',
    maxLength: LONGEST_MEDIA_URL,
  }),
  codes: ['type', 'maxLength', 'url', 'private_host'],
  flaw: (value, { allowPrivateMediaUrls }) => {
    if (typeof value !== 'string') return 'type';
    if (value.length > LONGEST_MEDIA_URL) return 'maxLength';
    if (!/^https?:\/\/[^/]/i.test(value) || AMBIGUOUS.test(value)) return 'url';
    const url = parseUrl(value);
    if (!url || url.username !== '' || url.password !== '') return 'url';
    return allowPrivateMediaUrls || isPublicHost(url.hostname) ? null : 'private_host';
  },
});

/** `hostname` as the URL parser gives it: lower case, IPv4 in dotted decimals, IPv6 in brackets. */
const isPublicHost = (hostname: string): boolean => {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (IP_ADDRESS.test(host)) return ipaddr.process(host).range() === 'unicast';
  // A name without a dot is only known inside somebody's network.
  return host.includes('.') && !PRIVATE_NAME.test(host);
};
