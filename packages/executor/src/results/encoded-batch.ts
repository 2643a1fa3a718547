/** Result rows as Arrow's buffers, on their way from the thread that made them: plain data whose buffers are given away. */
export interface EncodedBatch {
  readonly rowCount: number;
  readonly columns: readonly EncodedColumn[];
}

export interface EncodedColumn {
  readonly nullCount: number;
  /** One bit per row; absent when none is NULL. */
  readonly validity: Uint8Array | undefined;
  /** rowCount + 1 offsets into `values`: varchar and blob alone. */
  readonly offsets: Int32Array | undefined;
  /** Values as Arrow lays out the column's type (arrow-schema.ts). */
  readonly values: Uint8Array;
}

/** What the batch takes in memory. */
export const batchBytes = (batch: EncodedBatch): number => {
  let total = 0;
  for (const { validity, offsets, values } of batch.columns) {
    total += values.byteLength + (validity?.byteLength ?? 0) + (offsets?.byteLength ?? 0);
  }
  return total;
};

/** For postMessage: each buffer once, though a column's parts may share one. */
export const transferList = (batch: EncodedBatch): ArrayBuffer[] => {
  const buffers = new Set<ArrayBuffer>();
  for (const { validity, offsets, values } of batch.columns) {
    for (const part of [validity, offsets, values]) {
      if (part !== undefined) buffers.add(part.buffer as ArrayBuffer);
    }
  }
  return [...buffers];
};
