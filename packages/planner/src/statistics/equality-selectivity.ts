import type { ColumnEstimate } from "./column-estimate.ts";

/** Keys sparser than this are taken for a small sample of the other side's keys, not for the keys themselves. */
const SPARSE_KEYS = 16;

/** One side of an equality join: its key columns, in the order of the other side's. */
export type KeySide = readonly ColumnEstimate[];

interface Domain {
  readonly size: number;
  readonly guessed: boolean;
  readonly sparsity: number;
}

/** Distinct key tuples a side can hold: the product of the columns', but per origin no more than its rows. */
const domainOf = (columns: KeySide): Domain => {
  let size = 1;
  let capped = false;
  const byOrigin = new Map<object, { size: number; rows: number }>();
  for (const { origin, originRows, domain } of columns) {
    const known = origin === undefined ? undefined : byOrigin.get(origin);
    if (known !== undefined) known.size *= domain;
    else byOrigin.set(origin ?? {}, { size: domain, rows: originRows });
  }
  for (const part of byOrigin.values()) {
    if (part.size > part.rows) capped = true;
    size *= Math.min(part.size, part.rows);
  }
  return {
    size: Math.max(1, size),
    // That all combinations of one table's columns occur is a guess as well; columns of several tables are independent.
    guessed: byOrigin.size < columns.length || columns.some((column) => column.guessed),
    sparsity: capped ? 1 : columns.reduce((most, column) => Math.max(most, column.sparsity), 1),
  };
};

/**
 * The share of all pairs that an equality join on these columns keeps: one over the size of the key domain, by the
 * usual assumption that the smaller set of keys is contained in the larger. Where a side's size is only "at most one
 * per row" that assumption turns foreign keys into too many: then the smaller domain is the key's.
 */
export const equalitySelectivity = (left: KeySide, right: KeySide): number => {
  const a = domainOf(left);
  const b = domainOf(right);
  const [small, large] = a.size <= b.size ? [a, b] : [b, a];
  const size = large.guessed && small.sparsity <= SPARSE_KEYS ? small.size : large.size;
  const notNull = (side: KeySide): number => side.reduce((share, column) => share * (1 - column.nullFraction), 1);
  return (notNull(left) * notNull(right)) / size;
};

/** The share of left rows that find a partner, when every right row that is left has `rightDistinct` key tuples. */
export const matchShare = (left: KeySide, right: KeySide, rightDistinct: number): number => {
  const a = domainOf(left);
  const b = domainOf(right);
  const domain = a.guessed && !b.guessed ? b.size : b.guessed && !a.guessed ? a.size : Math.max(a.size, b.size);
  // Both only guessed: whichever is smaller is nearer to the number of keys.
  const size = a.guessed && b.guessed ? Math.min(a.size, b.size) : domain;
  return Math.min(1, rightDistinct / Math.max(1, size));
};
