/** The sizes that follow from a scale factor (specification clause 4.2.5). */
export interface Scale {
  readonly scaleFactor: number;
  readonly suppliers: number;
  readonly customers: number;
  readonly parts: number;
  readonly orders: number;
  readonly clerks: number;
}

export const MIN_SCALE_FACTOR = 0.001;

/** From 30,000 on, the reference draws keys from another generator, which its own slices do not agree with. */
export const MAX_SCALE_FACTOR = 29_999;

/**
 * The row counts at a scale factor. Below 1 they are taken in thousandths, and above 1 the scale factor is a
 * whole number, both as in the reference.
 *
 * @throws RangeError when the reference could not generate the scale factor.
 */
export function scaleOf(scaleFactor: number): Scale {
  if (!(scaleFactor >= MIN_SCALE_FACTOR && scaleFactor <= MAX_SCALE_FACTOR))
    throw new RangeError(
      `The scale factor must lie between ${MIN_SCALE_FACTOR} and ${MAX_SCALE_FACTOR}, but it is ${scaleFactor}.`,
    );
  if (scaleFactor > 1 && !Number.isInteger(scaleFactor))
    throw new RangeError(`A scale factor above 1 must be a whole number, but it is ${scaleFactor}.`);
  const thousandths = Math.trunc(scaleFactor * 1000);
  const rows = (base: number): number =>
    scaleFactor < 1 ? Math.floor((thousandths * base) / 1000) : base * scaleFactor;
  return {
    scaleFactor,
    suppliers: rows(10_000),
    customers: rows(150_000),
    parts: rows(200_000),
    orders: rows(1_500_000),
    clerks: Math.max(1000, 1000 * scaleFactor),
  };
}

/** Rows first … end - 1 of a table, counted from 0; for lineitem and partsupp, of the table they hang on. */
export interface RowRange {
  readonly first: number;
  readonly end: number;
}
