import { hash } from 'node:crypto';
import { canonicalJson, type JsonObject } from '../../../shared/json.js';

/** The request as received, in a form in which key order and white space make no difference. */
export const fingerprintOf = (domain: string, body: unknown): string =>
  hash('sha256', canonicalJson({ domain, body }), 'hex');

/**
 * A digest of each metadata pair, so that tasks can be found by metadata that lies sealed. Bound to the owner: the same
 * pair of two owners has two digests. Nested values are found by their canonical JSON.
 */
export const metadataDigests = (owner: string, metadata: JsonObject | null): string[] =>
  Object.entries(metadata ?? {}).map(([key, value]) => metadataDigest(owner, key, asText(value)));

export const metadataDigest = (owner: string, key: string, value: string): string =>
  hash('sha256', JSON.stringify([owner, key, value]), 'base64url').slice(0, 22);

const asText = (value: unknown): string => (typeof value === 'string' ? value : canonicalJson(value));
