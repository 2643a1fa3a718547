/** Gives the ids of columns and common tables of one statement, none twice. Binding hands it on to the optimizer. */
export interface ColumnIds {
  next(): number;
}

export const columnIds = (): ColumnIds => {
  let last = -1;
  return { next: () => ++last };
};
