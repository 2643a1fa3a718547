import type { EncodedBatch } from "@headcut/executor";

/** What the batch takes in memory. */
export const batchBytes = ({ columns }: EncodedBatch): number =>
  columns.reduce(
    (sum, { validity, offsets, values }) =>
      sum + values.byteLength + (validity?.byteLength ?? 0) + (offsets?.byteLength ?? 0),
    0,
  );
