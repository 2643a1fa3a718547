import type { ColumnId } from "@headcut/plan";

/**
 * Numbers for ids in order of first appearance in a print, so that a print says the same whatever ids the binder or a
 * rule happened to draw.
 */
export interface Numbering {
  column(id: ColumnId): number;
  cte(id: number): number;
}

export const numbering = (): Numbering => {
  const columns = new Map<number, number>();
  const ctes = new Map<number, number>();
  const numberOf = (known: Map<number, number>, id: number): number => {
    let number = known.get(id);
    if (number === undefined) {
      number = known.size;
      known.set(id, number);
    }
    return number;
  };
  return { column: (id) => numberOf(columns, id), cte: (id) => numberOf(ctes, id) };
};
