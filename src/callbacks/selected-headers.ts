/** Kept as evidence with a callback. Everything else, credentials above all, is left out. */
const KEPT =
  /^(content-type|content-length|date|traceparent|user-agent|x-request-id|webhook-[a-z-]+|x-webhook-[a-z-]+)$/;
const MOST = 20;
const LONGEST = 500;

/** The headers worth recording: named above, at most 20, values cut at 500 characters. */
export const selectedHeaders = (
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string> => {
  const selected: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || !KEPT.test(name) || selected.length === MOST) continue;
    selected.push([name, String(value).slice(0, LONGEST)]);
  }
  return Object.fromEntries(selected);
};
