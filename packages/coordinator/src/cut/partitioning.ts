import type { ColumnId, Expression, Projection } from "@headcut/plan";

/**
 * How the rows of a fragment of partitions are spread: by the hash of these keys, in this order. Of each key the columns that have
 * its value are known; none, where it was an expression. Undefined: in no known way.
 */
export type Partitioning = readonly ReadonlySet<ColumnId>[] | undefined;

const columnOf = (expression: Expression): ColumnId | undefined =>
  expression.kind === "column" ? expression.id : undefined;

/** Spread by these expressions; several lists where several have the same values, as both sides of an inner join. */
export const partitionedBy = (...sides: readonly (readonly Expression[])[]): Partitioning =>
  sides[0]!.map((_, i) => new Set(sides.map((side) => columnOf(side[i]!)).filter((id) => id !== undefined)));

/** As seen above a projection. */
export const projected = (partitioning: Partitioning, projections: readonly Projection[]): Partitioning =>
  partitioning?.map(
    (ids) => new Set(projections.filter(({ expression }) => ids.has(columnOf(expression) ?? -1)).map(({ id }) => id)),
  );

/**
 * For each key of the partitioning, which of `keys` it is; undefined if some is none of them. If it is not, rows with equal
 * `keys` are on one task.
 */
export const alignment = (partitioning: Partitioning, keys: readonly Expression[]): readonly number[] | undefined => {
  if (partitioning === undefined || partitioning.length === 0) return undefined;
  const found = partitioning.map((ids) => keys.findIndex((key) => ids.has(columnOf(key) ?? -1)));
  return found.includes(-1) ? undefined : found;
};
