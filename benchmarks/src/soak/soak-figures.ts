import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isIdle } from "../cancel/measure-cancel.ts";
import type { ServedNode } from "../faults/served-node.ts";
import { type HeapFigures, heapFigures } from "./heap-figures.ts";
import { filesBelow, type ProcessFigures, processFigures } from "./process-figures.ts";

/** A node between two queries. */
export interface SoakFigures extends ProcessFigures, HeapFigures {
  /** Resident, but for the columns that are cached: those come as queries come, up to a limit. */
  readonly ownBytes: number;
  /** Calls and streams that it answers; what asks for figures is none. */
  readonly calls: number;
  /** Queries of which it holds something. */
  readonly held: number;
  /** Of spilling, and of shards that were received by half. */
  readonly leftFiles: number;
}

/** A node and what is to be known to look into it. */
export interface SoakedNode extends Pick<ServedNode, "pid" | "metrics"> {
  readonly probePort: number;
  readonly data: string;
}

const IDLE_WITHIN_MS = 5000;
const POLL_MS = 50;

/** Once the node is idle. Throws when it is not within five seconds. */
export const soakFigures = async (node: SoakedNode): Promise<SoakFigures> => {
  for (const start = performance.now(); ; ) {
    const metrics = await node.metrics();
    const calls = metrics?.get("calls_running");
    if (metrics !== undefined && isIdle(metrics) && calls === 0) {
      const leftovers = await Promise.all(
        ["spill", "incoming"].map((folder) => filesBelow(join(node.data, ".headcut", folder))),
      );
      const heap = await heapFigures(node.probePort);
      const figures = await processFigures(node.pid()!);
      return {
        ...figures,
        ...heap,
        ownBytes: figures.residentBytes - metrics.get("column_cache_bytes")!,
        calls,
        held: metrics.get("queries_held")!,
        leftFiles: leftovers.flat().length,
      };
    }
    if (performance.now() - start > IDLE_WITHIN_MS) {
      throw new Error(`a node is not idle five seconds after the last query: ${JSON.stringify([...(metrics ?? [])])}`);
    }
    await pause(POLL_MS);
  }
};
