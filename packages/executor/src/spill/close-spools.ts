import type { Heap } from "../memory/heap.ts";
import type { CompiledQuery } from "../pipelines/compiled-pipeline.ts";
import type { QueryMemory } from "../run/query-memory.ts";
import type { SpillMetrics } from "../run/query-metrics.ts";
import type { OpenSpillFiles } from "./spill-folder.ts";
import { spoolState } from "./spool.ts";
import { SPILLED_BYTES_ADDRESS } from "./transfer.ts";

/** At the query's end, whatever it was: the files go, and what they took of the disk is free. */
export const closeSpools = (
  { memory: { u64 } }: Heap,
  files: OpenSpillFiles,
  { spools }: CompiledQuery,
  { state, wideState }: QueryMemory,
): void => {
  files.close();
  for (const spool of spools) {
    if (state(spool.state + spoolState.released) !== 0) continue;
    Atomics.sub(u64, SPILLED_BYTES_ADDRESS >>> 3, BigInt(wideState(spool.state + spoolState.bytes)));
  }
};

export const spilledBytes = ({ spools }: CompiledQuery, { wideState }: QueryMemory): SpillMetrics[] =>
  spools.map(({ operatorId, state }) => ({ operatorId, bytes: wideState(state + spoolState.bytes) }));
