import { hash } from 'node:crypto';
import { canonicalJson, type JsonObject } from '../../../shared/json.js';
import { type KeyedDigest } from '../../sealing/keyed-digest.js';

/** The request as received, in a form in which key order and white space make no difference. */
export const fingerprintOf = (digest: KeyedDigest, domain: string, body: unknown): string =>
  digest.of('request', canonicalJson({ domain, body }));

/** The fingerprint of a request as it was taken when `stored` was: before encryption it had no key. */
export const fingerprintLike = (
  stored: string,
  digest: KeyedDigest,
  domain: string,
  body: unknown,
): string =>
  UNKEYED.test(stored)
    ? hash('sha256', canonicalJson({ domain, body }), 'hex')
    : fingerprintOf(digest, domain, body);

const UNKEYED = /^[0-9a-f]{64}$/;

/**
 * A digest of each metadata pair, so that tasks can be found by metadata that lies sealed. Bound to the owner: the same
 * pair of two owners has two digests. Nested values are found by their canonical JSON.
 */
export const metadataDigests = (digest: KeyedDigest, owner: string, metadata: JsonObject | null): string[] =>
  Object.entries(metadata ?? {}).map(([key, value]) => metadataDigest(digest, owner, key, asText(value)));

export const metadataDigest = (digest: KeyedDigest, owner: string, key: string, value: string): string =>
  digest.of('metadata', owner, key, value);

const asText = (value: unknown): string => (typeof value === 'string' ? value : canonicalJson(value));
