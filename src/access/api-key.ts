import { type Scope } from './scopes.js';

/** A key as it may be shown: everything but the key itself. */
export interface ApiKey {
  readonly id: string;
  readonly owner: string;
  readonly scopes: readonly Scope[];
  readonly name: string | null;
  readonly createdAt: Date;
  /** Null: never. */
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  /** To the minute; null: not yet. */
  readonly lastUsedAt: Date | null;
}

export interface NewKey {
  readonly owner: string;
  readonly scopes: readonly string[];
  readonly name?: string | null;
  readonly expiresAt?: Date | null;
}

/** The only moment at which the key itself is known. */
export interface CreatedKey {
  readonly id: string;
  readonly owner: string;
  readonly scopes: readonly Scope[];
  readonly key: string;
}
