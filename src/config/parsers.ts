import { createPrivateKey } from 'node:crypto';
import { type Parser } from './setting.js';
import { parseUrl } from '../shared/parse-url.js';

const shown = <T>(wants: string, parse: (text: string) => T | undefined): Parser<T> => ({
  wants,
  secret: false,
  parse,
});
const hidden = <T>(wants: string, parse: (text: string) => T | undefined): Parser<T> => ({
  wants,
  secret: true,
  parse,
});

export const text: Parser<string> = shown('a text', (given) => given);

/** Goes into a header, where a space or a line end would make another header of it. */
export const token: Parser<string> = hidden('visible ASCII characters without spaces', (given) =>
  /^[\x21-\x7e]+$/.test(given) ? given : undefined,
);

export const integer = (min: number, max: number): Parser<number> =>
  shown(`a whole number from ${min} to ${max}`, (given) => {
    const number = /^\d{1,15}$/.test(given) ? Number(given) : NaN;
    return number >= min && number <= max ? number : undefined;
  });

/** The longest a timer of Node can wait, about 24 days; a longer one fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const milliseconds = (min = 1): Parser<number> =>
  shown(`a number of milliseconds from ${min} to ${LONGEST_TIMER_MS}`, integer(min, LONGEST_TIMER_MS).parse);

export const factor: Parser<number> = shown('a number greater than 0', (given) => {
  const number = /^\d+(\.\d+)?$/.test(given) ? Number(given) : NaN;
  return number > 0 && Number.isFinite(number) ? number : undefined;
});

const FLAGS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  1: true,
  false: false,
  no: false,
  off: false,
  0: false,
};

export const flag: Parser<boolean> = shown('true or false', (given) =>
  Object.hasOwn(FLAGS, given.toLowerCase()) ? FLAGS[given.toLowerCase()] : undefined,
);

export const oneOf = <const T extends string>(...words: readonly T[]): Parser<T> =>
  shown(words.join(' or '), (given) => words.find((word) => word === given));

export const someOf = <const T extends string>(...words: readonly T[]): Parser<readonly T[]> =>
  shown(`one or more of ${words.join(', ')}, separated by commas`, (given) => {
    const items = list(given);
    if (items.length === 0 || !items.every((item): item is T => words.some((word) => word === item)))
      return undefined;
    return [...new Set(items)];
  });

/** Without a slash at the end, so that paths can be put behind it. */
export const httpUrl: Parser<string> = shown(
  'an http or https URL without user, query and fragment, like https://genledger.example.com',
  (given) => {
    const url = parseUrl(given);
    if (url === null || !['http:', 'https:'].includes(url.protocol)) return undefined;
    if (url.username || url.password || url.search || url.hash || given.includes('#') || given.includes('?'))
      return undefined;
    return url.href.replace(/\/+$/, '');
  },
);

/** Holds a password more often than not. */
export const postgresUrl: Parser<string> = hidden(
  'a URL like postgresql://user:password@host:5432/database',
  (given) => {
    const url = parseUrl(given);
    return url !== null && ['postgres:', 'postgresql:'].includes(url.protocol) ? given : undefined;
  },
);

/** The form that never needs quotes, so that it can be typed into any tool. */
export const schemaName: Parser<string> = shown(
  '1 to 63 lower-case letters, digits and _, not beginning with a digit or pg_',
  (given) => (/^(?!pg_)[a-z_][a-z0-9_]{0,62}$/.test(given) ? given : undefined),
);

const SECRET_LENGTH = 32;

export const secrets: Parser<readonly string[]> = hidden(
  `one or more texts of at least ${SECRET_LENGTH} characters, separated by commas, newest first`,
  (given) => {
    const items = list(given);
    return items.length > 0 && items.every((item) => item.length >= SECRET_LENGTH) ? items : undefined;
  },
);

/** Base64 of the standard alphabet with padding, however it was written. */
export const encryptionKeys: Parser<readonly string[]> = hidden(
  'one or more keys of 32 bytes in base64, separated by commas, newest first (make one: openssl rand -base64 32)',
  (given) => {
    const keys = list(given).map((item) =>
      /^[A-Za-z0-9+/_-]{43}=?$/.test(item) ? Buffer.from(item, 'base64').toString('base64') : undefined,
    );
    return keys.length > 0 && keys.every((key) => key !== undefined) ? keys : undefined;
  },
);

/** Where the key is: here, or in a file that the start reads. */
export type KeySource = { readonly pem: string } | { readonly path: string };

export const SEAL_KEY_WANTS = 'an Ed25519 private key in PEM (PKCS 8), or the path of a file with one';

export const sealKey: Parser<KeySource> = hidden(SEAL_KEY_WANTS, (given) => {
  if (!given.includes('-----BEGIN')) return /[\r\n]/.test(given) ? undefined : { path: given };
  // Many tools cannot carry line ends in a variable and write \n for them.
  const pem = given.replaceAll('\\n', '\n');
  return isEd25519(pem) ? { pem } : undefined;
});

export const isEd25519 = (pem: string): boolean => {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'ed25519';
  } catch {
    return false;
  }
};

const list = (given: string): string[] =>
  given
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
