import type { EncodedBatch, EncodedColumn, QueryRun } from "@headcut/executor";
import { int32 } from "@headcut/plan";
import { expect, test } from "vitest";
import type { Output } from "../cut/fragment.ts";
import type { StoredOutput } from "../exchange/output-store.ts";
import { writeOutput } from "./write-output.ts";

/** Of a query that has ended, its rows being there already: two a batch, of a number and its partition, 0. */
const endedRun = (batches: number): Pick<QueryRun, "encodedBatches"> => ({
  encodedBatches: async function* () {
    const zeros: EncodedColumn = { nullCount: 0, validity: undefined, offsets: undefined, values: new Uint8Array(8) };
    for (let i = 0; i < batches; i++) yield { rowCount: 2, columns: [zeros, zeros] } satisfies EncodedBatch;
  },
});

const gather: Output = { kind: "gather", order: undefined };

test.each<Output>([gather, { kind: "hash", keys: [], partitions: 3 }])(
  "rows that wait to be kept are left alone when the attempt is stopped: $kind",
  async (output) => {
    const stop = new AbortController();
    let kept = 0;
    const into: Pick<StoredOutput, "append"> = {
      append: async () => {
        kept++;
      },
    };
    const write = (): Promise<number> =>
      writeOutput(
        endedRun(10) as QueryRun,
        [{ name: "n", type: int32, nullable: false }],
        output,
        into as StoredOutput,
        stop.signal,
      );
    expect(await write()).toBe(20);
    const all = kept;
    stop.abort(new Error("stopped"));
    await expect(write()).rejects.toThrow("stopped");
    expect(kept).toBe(all);
  },
);
