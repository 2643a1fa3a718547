/** What the negative results of the decoding kernels mean (`kernels/parquet/failure.ts`). */
const sentences: Readonly<Record<number, string>> = {
  [-1]: "its data ends too early",
  [-2]: "a length or offset leads outside the data",
  [-3]: "a header inside the data is malformed",
  [-4]: "its data is not as long as announced",
  [-5]: "a definition level is above the column's maximum",
  [-6]: "a dictionary index is beyond the dictionary",
  [-7]: "a value is too large for the column's type",
};

export const describeFailure = (status: number): string => sentences[status] ?? `decoding failed with ${status}`;
