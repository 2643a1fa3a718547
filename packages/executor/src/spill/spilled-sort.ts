import type { ThreadStates } from "../pipelines/thread-states.ts";
import type { Merging } from "./merge-blocks.ts";
import type { Spool } from "./spool.ts";

/** A merge of runs that the sort has put on disk itself. */
export interface SpilledSort extends Merging {
  readonly runs: ThreadStates;
  readonly spool: Spool;
}
