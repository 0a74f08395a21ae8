/**
 * The URL behind a text, or null.
 *
 * Not `URL.canParse`: on Node 20 it refuses every URL with a letter such as ü after some thousand calls.
 */
export const parseUrl = (text: string): URL | null => {
  try {
    return new URL(text);
  } catch {
    return null;
  }
};
