import type { SplitKey } from "../cut/fragment.ts";
import type { Locality } from "../cut/locality.ts";
import { groupSplits, type SplitGroup } from "./group-splits.ts";
import type { ViewNode } from "./nodes-view.ts";
import type { ScanSplits } from "./scan-splits.ts";

/** What is known of where splits are, and how they are given out where rows have to meet. */
export interface FoundLocality extends Locality {
  /** The groups that `meets` found; each call gives them anew. */
  groups(keys: readonly SplitKey[]): readonly SplitGroup[] | undefined;
}

/** A larger table is not read by every node, even if each has it. */
const MAX_COPIED_BYTES = 64 * 1024 * 1024;

export const findLocality = (splits: ScanSplits, nodes: readonly ViewNode[]): FoundLocality => {
  const answers = new Map<string, boolean>();
  return {
    everywhereBytes: (scan) => {
      const own = splits.get(scan);
      if (own === undefined) return undefined;
      const isEverywhere = own.every(
        ({ reach }) => reach.kind === "held" && nodes.every(({ nodeId }) => reach.by.includes(nodeId)),
      );
      const bytes = own.reduce((sum, { byteLength }) => sum + byteLength, 0);
      return isEverywhere && bytes <= MAX_COPIED_BYTES ? bytes : undefined;
    },
    meets: (keys) => {
      const text = keys.map(({ operatorId, column }) => `${operatorId} ${column}`).join("\n");
      const answer = answers.get(text) ?? groupSplits(keys, splits, nodes) !== undefined;
      answers.set(text, answer);
      return answer;
    },
    groups: (keys) => groupSplits(keys, splits, nodes),
  };
};
