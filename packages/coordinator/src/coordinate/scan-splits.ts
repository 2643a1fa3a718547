import type { Split } from "../placement/split.ts";

/** The splits of each scan of files, by operator id. */
export type ScanSplits = ReadonlyMap<number, readonly Split[]>;
