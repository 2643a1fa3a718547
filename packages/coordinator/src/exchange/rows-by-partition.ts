/** Row numbers of a batch by partition: those of partition p are `rows[starts[p]] … rows[starts[p + 1] - 1]`, in their order. */
export interface RowsByPartition {
  readonly starts: Int32Array;
  readonly rows: Int32Array;
}

/** A counting sort: `partitions[row]` is the row's partition, 0 … count - 1. The rows are put into `room` if it is large enough. */
export const rowsByPartition = (
  partitions: Int32Array,
  count: number,
  room: Int32Array = new Int32Array(0),
): RowsByPartition => {
  const starts = new Int32Array(count + 1);
  for (let row = 0; row < partitions.length; row++) starts[partitions[row]! + 1]!++;
  for (let p = 0; p < count; p++) starts[p + 1]! += starts[p]!;
  const next = starts.slice(0, count);
  const rows = room.length < partitions.length ? new Int32Array(partitions.length) : room;
  for (let row = 0; row < partitions.length; row++) rows[next[partitions[row]!]!++] = row;
  return { starts, rows };
};
