/** Where a list goes on, as text without meaning to the caller. Bound to the owner, so that a mix-up is noticed. */
export const cursorFor = (owner: string, before: number): string =>
  Buffer.from(JSON.stringify([1, owner, before])).toString('base64url');

/** Null when it is not one of ours for this owner. */
export const readCursor = (cursor: string, owner: string): number | null => {
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return null;
  }
  const [version, name, before] = Array.isArray(read) ? (read as unknown[]) : [];
  const isOurs = version === 1 && name === owner && Number.isSafeInteger(before) && (before as number) > 0;
  return isOurs ? (before as number) : null;
};
