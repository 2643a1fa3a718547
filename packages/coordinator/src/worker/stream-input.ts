import type { EncodedBatch, RowStream } from "@headcut/executor";
import type { KeptRows } from "../exchange/output-store.ts";
import type { IpcColumn } from "../ipc/ipc-column.ts";
import { inParallel } from "./in-parallel.ts";
import type { InputAt } from "./task-codec.ts";

/** The rows of an output, from its beginning. */
export type ReadOutput = (input: InputAt, signal: AbortSignal) => AsyncGenerator<KeptRows, void, undefined>;

/** Outputs whose rows are read while the plan runs, each a run. */
export interface InputStream extends RowStream {
  /** All rows there are, if they were few enough to be here already. */
  readonly rowCount: number | undefined;
  /** Nothing more will be read. */
  drop(): void;
}

/** So much of each run is read before the plan runs: of most top-Ns it is all there is. */
const PRIMED_BYTES = 256 * 1024;

interface PrimedRun {
  readonly first: readonly KeptRows[];
  /** What follows; undefined when that is all. */
  readonly rest: AsyncGenerator<KeptRows, void, undefined> | undefined;
}

/** Throws what a reading throws, and the signal's reason. `maxBytes`: of the rows that wait in the engine's memory. */
export const streamInput = async (
  inputs: readonly InputAt[],
  columns: readonly IpcColumn[],
  maxBytes: number,
  read: ReadOutput,
  signal: AbortSignal,
): Promise<InputStream> => {
  const stop = new AbortController();
  const all = AbortSignal.any([signal, stop.signal]);
  const primed = new Array<PrimedRun>(inputs.length);
  try {
    const runs = inputs.map((input, i) => ({ input, i }));
    await inParallel(runs, runs.length, async ({ input, i }) => {
      primed[i] = await prime(read(input, all));
    });
  } catch (error) {
    stop.abort(error);
    throw error;
  }
  const isWhole = primed.every(({ rest }) => rest === undefined);
  const rowCount = (): number =>
    primed.reduce((sum, { first }) => sum + first.reduce((rows, { batch }) => rows + batch.rowCount, 0), 0);
  let opened = false;
  return {
    columns,
    maxBytes,
    rowCount: isWhole ? rowCount() : undefined,
    open: (wanted) => {
      const isFirst = !opened;
      opened = true;
      if (isFirst) wanted.addEventListener("abort", () => stop.abort(wanted.reason), { once: true });
      return inputs.map((input, i) => {
        const { first, rest } = primed[i]!;
        if (rest === undefined) return batchesOf(first, undefined);
        if (isFirst) return batchesOf(first, rest);
        return batchesOf([], read(input, AbortSignal.any([signal, wanted])));
      });
    },
    drop: () => stop.abort(new Error("the rows are not wanted any more")),
  };
};

const prime = async (rows: AsyncGenerator<KeptRows, void, undefined>): Promise<PrimedRun> => {
  const first: KeptRows[] = [];
  let bytes = 0;
  while (bytes < PRIMED_BYTES) {
    const { done, value } = await rows.next();
    if (done === true) return { first, rest: undefined };
    first.push(value);
    bytes += value.bytes;
  }
  return { first, rest: rows };
};

async function* batchesOf(
  first: readonly KeptRows[],
  rest: AsyncGenerator<KeptRows, void, undefined> | undefined,
): AsyncGenerator<EncodedBatch, void, undefined> {
  for (const { batch } of first) yield batch;
  if (rest === undefined) return;
  for await (const { batch } of rest) yield batch;
}
