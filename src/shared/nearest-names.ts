/** Longer words are cut before they are compared, so the cost stays small whatever was sent. */
const LONGEST = 64;

/**
 * Up to `limit` candidates that somebody who wrote `word` may have meant, best first.
 *
 * Case, `_`, `-`, `.`, `/` and spaces do not count, so `imageUrls` finds `image_urls`. A candidate is near when about a third of
 * its letters differ at most, or when it continues a word of three letters or more (`seedance` finds `seedance-2`).
 */
export const nearestNames = (word: string, candidates: readonly string[], limit = 3): string[] => {
  const wanted = plain(word);
  if (wanted === '') return [];
  const near: { name: string; distance: number }[] = [];
  for (const name of candidates) {
    const candidate = plain(name);
    const reach = Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3));
    const distance = editDistance(wanted, candidate, reach);
    if (distance <= reach) near.push({ name, distance });
    else if (wanted.length >= 3 && candidate.startsWith(wanted)) near.push({ name, distance: reach });
  }
  return near
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, limit)
    .map(({ name }) => name);
};

const plain = (text: string): string =>
  text
    .slice(0, LONGEST)
    .toLowerCase()
    .replace(/[\s_./-]/g, '');

/**
 * Insertions, deletions, replacements and swaps of neighbours from `a` to `b`; gives up with `reach + 1` as soon as it must
 * be more than `reach`.
 */
const editDistance = (a: string, b: string, reach: number): number => {
  if (Math.abs(a.length - b.length) > reach) return reach + 1;
  let twoAbove: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(above[column - 1]! + (same ? 0 : 1), above[column]! + 1, current[column - 1]! + 1);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, twoAbove[column - 2]! + 1);
      current.push(best);
    }
    if (Math.min(...current, ...above) > reach) return reach + 1;
    twoAbove = above;
    above = current;
  }
  return above[b.length]!;
};
