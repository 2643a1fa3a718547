import type { ScanTotals } from "@headcut/executor";
import { wire } from "@headcut/plan";
import type { KeySet } from "../exchange/key-set.ts";
import { toldKeys } from "./task-codec.ts";

/** What an attempt took. */
export interface AttemptReport {
  /** Rows put out, and their bytes as they are kept for consumers. */
  readonly rows: number;
  readonly bytes: number;
  /** Of the inputs: fetched from other nodes, and found on this one. */
  readonly bytesIn: number;
  readonly bytesOwn: number;
  /** From its launch to its end. */
  readonly elapsedMs: number;
  /** Work of all threads of the engine: see `meterCpu`. */
  readonly cpuMs: number;
  /** The most it had of the engine's memory, its inputs included. */
  readonly peakBytes: number;
  /** Rows that left each operator of the fragment. */
  readonly operators: readonly OperatorRows[];
  readonly scans: readonly ScanReport[];
  /** For each of the fragment's `keysOf` what its rows have there; undefined: too much to tell. */
  readonly keySets?: readonly (KeySet | undefined)[];
}

export interface OperatorRows {
  readonly operatorId: number;
  readonly rows: number;
}

export type ScanReport = Omit<ScanTotals, "runtimeFilters">;

const { float, list, natural, object, omittable } = wire;

export const attemptReport = object<AttemptReport>({
  rows: natural,
  bytes: natural,
  bytesIn: natural,
  bytesOwn: natural,
  elapsedMs: float,
  cpuMs: float,
  peakBytes: natural,
  operators: list(object<OperatorRows>({ operatorId: natural, rows: natural })),
  scans: list(
    object<ScanReport>({
      operatorId: natural,
      rowsRead: natural,
      bytesRead: natural,
      pagesRead: natural,
      pagesPruned: natural,
      cacheHits: natural,
      cacheMisses: natural,
      rowGroups: natural,
      rowGroupsPruned: natural,
      rowGroupsPrunedByBloomFilter: natural,
      rowsPruned: natural,
      morsels: natural,
    }),
  ),
  keySets: omittable(list(toldKeys)),
});
