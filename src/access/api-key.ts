import { type Scope } from './scopes.js';

/** A key as it may be shown: everything but the key itself. */
export interface ApiKey {
  readonly id: string;
  readonly owner: string;
  readonly scopes: readonly Scope[];
  readonly name: string | null;
  readonly createdAt: Date;
  /** Who made it, as events name actors; null: not noted. */
  readonly createdBy: string | null;
  /** Null: never. */
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly revokedBy: string | null;
  /** To the minute; null: not yet. */
  readonly lastUsedAt: Date | null;
  /** The key it was rotated from. */
  readonly replaces: string | null;
}

export interface NewKey {
  readonly owner: string;
  readonly scopes: readonly string[];
  readonly name?: string | null;
  readonly expiresAt?: Date | null;
  /** Who asks for it, as events name actors. */
  readonly by?: string | null;
}

/** The only moment at which the key itself is known. */
export interface CreatedKey extends ApiKey {
  readonly key: string;
}

/** The new key, and the old one with the end it got. */
export interface RotatedKey {
  readonly created: CreatedKey;
  readonly replaced: ApiKey;
}

export type KeyStatus = 'active' | 'expired' | 'revoked';

/** Whether a key lets anybody in at that moment, and why not. */
export const keyStatus = ({ revokedAt, expiresAt }: ApiKey, now: Date): KeyStatus => {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'active';
};
