/** True for a bearer key that is accepted: one of the configured ones, or any when none is. */
export const isAuthorized = (header: string | undefined, apiKeys: ReadonlySet<string> | null): boolean => {
  const key = /^Bearer\s+(\S+)$/i.exec(header ?? '')?.[1];
  return key !== undefined && (apiKeys === null || apiKeys.has(key));
};
