/** Owner names travel in headers, logs and digests, so they are plain words. */
export const OWNER_NAME_WANTS = '1 to 100 characters of A-Z, a-z, 0-9, ".", "_", "@" and "-"';

export const isOwnerName = (text: string): boolean => /^[A-Za-z0-9._@-]{1,100}$/.test(text);
