/** What a key may do. */
export const SCOPES = ['tasks:write', 'tasks:read', 'audit:read', 'operate', 'admin'] as const;

export type Scope = (typeof SCOPES)[number];

export const isScope = (word: string): word is Scope => (SCOPES as readonly string[]).includes(word);

/** `admin` is for all owners and for everything the other scopes allow. */
export const allows = (granted: readonly Scope[], wanted: Scope): boolean =>
  granted.includes(wanted) || granted.includes('admin');
