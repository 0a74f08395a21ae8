import { type ApiKey, type CreatedKey, keyStatus } from '../../access/index.js';

/** A key as it may be shown at any time. */
export const keyJson = (key: ApiKey, now: Date): object => ({
  object: 'key',
  id: key.id,
  owner: key.owner,
  scopes: key.scopes,
  name: key.name,
  status: keyStatus(key, now),
  created_at: key.createdAt.toISOString(),
  created_by: key.createdBy,
  expires_at: instant(key.expiresAt),
  revoked_at: instant(key.revokedAt),
  revoked_by: key.revokedBy,
  last_used_at: instant(key.lastUsedAt),
  replaces: key.replaces,
});

/** The one answer that has the key itself in it. */
export const createdKeyJson = (created: CreatedKey, now: Date): object => ({
  ...keyJson(created, now),
  key: created.key,
});

const instant = (date: Date | null): string | null => date && date.toISOString();
