import type { ParquetFile, PhysicalPlan } from "@headcut/plan";
import { QueryError } from "@headcut/plan";
import { bindFragment, type ScanSource, splitSource } from "../cut/bind-fragment.ts";
import type { Fragment } from "../cut/fragment.ts";
import { describeSplit, type Split } from "../placement/split.ts";
import type { TaskWork } from "../schedule/query-state.ts";
import type { WorkerOptions } from "./worker.ts";

/** The plan of a task with all its scans told what to read. QueryError "io" for a shard that this node does not have. */
export const bindTask = (
  { shards, nodeId }: Pick<WorkerOptions, "shards" | "nodeId">,
  { plan, runs }: Fragment,
  work: TaskWork,
  inputs: ReadonlyMap<number, ScanSource>,
): PhysicalPlan => {
  const sources = new Map(inputs);
  if (runs.kind === "splits") {
    const items = work.kind === "splits" ? work.items : [];
    for (const scan of [...runs.scans, ...(runs.copies ?? [])]) {
      const splits = items.filter(({ operatorId }) => operatorId === scan).map(({ split }) => split);
      sources.set(
        scan,
        splitSource(splits.map((split) => ({ ...split, file: fileOf(split, shards.localFile, nodeId) }))),
      );
    }
  }
  return bindFragment(plan, sources);
};

const fileOf = (
  split: Split,
  localFile: (file: ParquetFile) => ParquetFile | undefined,
  nodeId: string,
): ParquetFile => {
  if (split.reach.kind === "anywhere") return split.file;
  const file = localFile(split.file);
  if (file !== undefined) return file;
  throw new QueryError("io", `node ${nodeId} has no ${describeSplit(split)}`);
};
