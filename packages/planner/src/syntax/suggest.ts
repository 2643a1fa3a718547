/**
 * Which of `candidates` the user may have meant by `written`: the nearest by edit distance (insertions, deletions,
 * substitutions and swaps of neighbours each cost 1), without regard to case; undefined when none is near. Up to 2 letters of a
 * word forgive nothing, up to 5 one edit, up to 8 two, longer words three. Of equally near ones the first wins.
 */
export const suggest = (written: string, candidates: Iterable<string>): string | undefined => {
  const word = written.toLowerCase();
  let best: string | undefined;
  let limit = allowance(word.length);
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > limit) continue;
    const distance = editDistance(word, candidate.toLowerCase());
    if (distance === 0) return candidate;
    if (distance > limit) continue;
    best = candidate;
    limit = distance - 1;
  }
  return best;
};

/** `did you mean "orders"?`, or undefined. */
export const didYouMean = (written: string, candidates: Iterable<string>): string | undefined => {
  const word = suggest(written, candidates);
  return word === undefined ? undefined : `did you mean ${word}?`;
};

const allowance = (length: number): number => (length <= 2 ? 0 : length <= 5 ? 1 : length <= 8 ? 2 : 3);

/** Optimal string alignment distance (Damerau 1964), in UTF-16 units, in three rows. */
export const editDistance = (a: string, b: string): number => {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, substitution);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
};
