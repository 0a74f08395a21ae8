import { urlFlaw } from '../../outer-url.js';
import { type ValueType } from '../value-type.js';

/** Longest URL we pass on, in UTF-16 units. Longer ones are refused by many fetchers on the way. */
export const LONGEST_MEDIA_URL = 2048;

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
    return urlFlaw(value, allowPrivateMediaUrls ? 'any' : 'public');
  },
  beyondSchema: () => [
    { at: '', words: 'a URL that parses, without user or password, whose host is public' },
  ],
});
