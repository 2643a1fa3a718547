/**
 * The share of values a LIKE pattern is expected to match, from the number of fixed characters: each makes a match
 * rarer, an anchored one more so. Rough by nature; what matters is that long patterns are rare and short ones are not.
 */
export const likeSelectivity = (pattern: string, escapeCharacter: string | undefined): number => {
  let fixed = 0;
  let wildcards = 0;
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i]!;
    if (character === escapeCharacter) {
      i++;
      fixed++;
    } else if (character === "%") wildcards++;
    else if (character !== "_") fixed++;
  }
  if (fixed === 0) return wildcards > 0 ? 1 : 0.1;
  const floating = pattern.startsWith("%");
  const selectivity = floating ? 0.3 * 0.75 ** (fixed - 1) : 0.25 * 0.65 ** (fixed - 1);
  return Math.max(selectivity, 0.001);
};
