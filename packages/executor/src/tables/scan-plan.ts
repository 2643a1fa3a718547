/** A snapshot of an in-memory table: rows appended later are not in it. */
export interface MemoryScanPlan {
  readonly kind: "memory";
  readonly chunks: readonly {
    /** The scan's columns, in its order: addresses of the vectors; `valid` 0 when no row is NULL. */
    readonly columns: readonly { readonly values: number; readonly valid: number }[];
  }[];
  /** Parts of chunks. */
  readonly morsels: readonly { readonly chunk: number; readonly firstRow: number; readonly rowCount: number }[];
}
