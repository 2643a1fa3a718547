import type { EncodedBatch } from "@headcut/executor";
import type { DataType } from "@headcut/plan";

/** Rows as the very bytes of their values: hexadecimal, `null` for NULL. */
export const rawRows = (
  batches: readonly EncodedBatch[],
  columns: readonly { readonly type: DataType }[],
): (string | null)[][] =>
  batches.flatMap(({ rowCount, columns: encoded }) =>
    Array.from({ length: rowCount }, (_, row) =>
      columns.map(({ type }, i) => {
        const { validity, offsets, values, nullCount } = encoded[i]!;
        if (type.kind === "null") return null;
        if (nullCount > 0 && validity !== undefined && ((validity[row >> 3]! >> (row & 7)) & 1) === 0) return null;
        if (type.kind === "boolean") return String((values[row >> 3]! >> (row & 7)) & 1);
        const width = values.length / rowCount;
        const [start, end] =
          offsets === undefined ? [row * width, (row + 1) * width] : [offsets[row]!, offsets[row + 1]!];
        return Buffer.from(values.subarray(start, end)).toString("hex");
      }),
    ),
  );
