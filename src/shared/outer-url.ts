import { hostClass } from './address-class.js';
import { parseUrl } from './parse-url.js';

/** Which hosts a URL may name: those of the internet, also those of this network, or any at all. */
export type AllowedHosts = 'public' | 'inner' | 'any';

/** What is wrong with a URL: its form, or the host it names. */
export type UrlFlaw = 'url' | 'private_host';

/** Resolvers disagree about names such as `localhost..`, so they could lead anywhere. */
const EMPTY_LABEL = /(^|\.)(\.|$)/;

/** Space, control characters and backslashes are read differently by different URL parsers, so the host could differ too. */
const AMBIGUOUS = /[\u0000-\u0020\u007f\\]/; // eslint-disable-line no-control-regex

/**
 * Judges an http(s) URL that came from outside, by its form only: no other scheme, no user or password, one way to read
 * it, and a host that is allowed whichever way its address is written. Nothing is resolved.
 */
export const urlFlaw = (text: string, hosts: AllowedHosts): UrlFlaw | null => {
  if (!/^https?:\/\/[^/]/i.test(text) || AMBIGUOUS.test(text)) return 'url';
  const url = parseUrl(text);
  if (!url || url.username !== '' || url.password !== '') return 'url';
  const host = url.hostname.replace(/\.$/, '');
  if (EMPTY_LABEL.test(host)) return 'url';
  if (hosts === 'any') return null;
  const found = hostClass(host);
  return found === 'public' || (hosts === 'inner' && found === 'inner') ? null : 'private_host';
};
