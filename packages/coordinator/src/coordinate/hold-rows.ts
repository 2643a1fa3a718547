import type { EncodedBatch } from "@headcut/executor";

/** Rows that are kept back for a while. */
export interface HeldRows {
  /** True when so many rows are held that no more are to be, or all there are; false when the run failed before. */
  readonly full: Promise<boolean>;
  /** Undefined at the end; throws the run's error. From the first call on, rows are taken from the run as they are read. */
  next(): Promise<EncodedBatch | undefined>;
}

/** Takes rows from a run ahead of its reader, up to `maxBytes`: while none has been handed out, the run can be made again. */
export const holdRows = (run: { encodedBatches(): AsyncIterable<EncodedBatch> }, maxBytes: number): HeldRows => {
  const batches = run.encodedBatches()[Symbol.asyncIterator]();
  const held: EncodedBatch[] = [];
  let bytes = 0;
  let handedOut = false;
  let ended = false;
  const pump = async (): Promise<void> => {
    while (!handedOut && !ended && bytes < maxBytes) {
      const { done, value } = await batches.next();
      if (done === true) ended = true;
      else {
        held.push(value);
        bytes += bytesOf(value);
      }
    }
  };
  const pumping = pump();
  const full = pumping.then(
    () => true,
    () => false,
  );
  return {
    full,
    next: async () => {
      handedOut = true;
      const first = held.shift();
      if (first !== undefined) return first;
      // What the pump was waiting for comes before what is asked for now.
      await pumping;
      const second = held.shift();
      if (second !== undefined || ended) return second;
      const { done, value } = await batches.next();
      if (done === true) ended = true;
      return done === true ? undefined : value;
    },
  };
};

const bytesOf = ({ columns }: EncodedBatch): number =>
  columns.reduce(
    (sum, { validity, offsets, values }) =>
      sum + values.byteLength + (validity?.byteLength ?? 0) + (offsets?.byteLength ?? 0),
    0,
  );
