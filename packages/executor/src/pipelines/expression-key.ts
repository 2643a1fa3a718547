/** A text that is equal for expressions (or lists of them) of equal structure. */
export const expressionKey = (structure: unknown): string =>
  JSON.stringify(structure, (_key, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
