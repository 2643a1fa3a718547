/** The names, those that repeat (in any case) with a number, as DuckDB gives them: `a`, `a_1`. */
export const uniqueNames = (names: readonly string[]): readonly string[] => {
  const taken = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let i = 1; taken.has(unique.toLowerCase()); i++) unique = `${name}_${i}`;
    taken.add(unique.toLowerCase());
    return unique;
  });
};
