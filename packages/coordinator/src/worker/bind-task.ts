import type { ParquetFile, PhysicalPlan } from "@headcut/plan";
import { QueryError, wire } from "@headcut/plan";
import { bindFragment, type ScanSource, splitSource } from "../cut/bind-fragment.ts";
import type { Fragment } from "../cut/fragment.ts";
import { withoutLookups } from "../cut/without-lookups.ts";
import { describeSplit, type Split } from "../placement/split.ts";
import type { TaskWork } from "../schedule/query-state.ts";
import type { WorkerOptions } from "./worker.ts";
import { outputPlan } from "./write-output.ts";

/** A plan to execute, and the one that it is compiled as: what scans read is all that differs between a fragment's tasks. */
export interface TaskPlan {
  readonly plan: PhysicalPlan;
  readonly template: PhysicalPlan;
}

const NONE: ReadonlySet<number> = new Set();

/**
 * The plan of a task with all its scans told what to read, which makes the rows as they travel; those of the root, as they are. `missing`: scans of
 * keys in which nothing is looked up. QueryError "io" for a shard that this node does not have.
 */
export const bindTask = (
  { shards, nodeId }: Pick<WorkerOptions, "shards" | "nodeId">,
  fragment: Fragment,
  work: TaskWork,
  inputs: ReadonlyMap<number, ScanSource>,
  missing: ReadonlySet<number> = NONE,
): TaskPlan => {
  const { templates, splitSources } = knownOf(fragment);
  const template = templateOf(fragment, missing, templates);
  const { runs } = fragment;
  const sources = new Map(inputs);
  if (runs.kind === "splits") {
    const items = work.kind === "splits" ? work.items : [];
    for (const scan of [...runs.scans, ...(runs.copies ?? [])]) {
      const splits = items
        .filter(({ operatorId }) => operatorId === scan)
        .map(({ split }) => ({ ...split, file: fileOf(split, shards.localFile, nodeId) }));
      sources.set(scan, sourceOf(splits, splitSources));
    }
  }
  return { plan: bindFragment(template, sources), template };
};

/** What is kept with a fragment. */
interface Known {
  /** Not bound; by the scans of keys that are missing. */
  readonly templates: Map<string, PhysicalPlan>;
  /** What its tasks read here, by a key of their splits: the same object for the same splits, so that scans are planned once. */
  readonly splitSources: Map<string, ScanSource>;
}

const fragments = new WeakMap<Fragment, Known>();

const knownOf = (fragment: Fragment): Known => {
  const found = fragments.get(fragment);
  if (found !== undefined) return found;
  const made: Known = { templates: new Map(), splitSources: new Map() };
  fragments.set(fragment, made);
  return made;
};

const templateOf = (
  { plan, output }: Fragment,
  missing: ReadonlySet<number>,
  known: Map<string, PhysicalPlan>,
): PhysicalPlan => {
  const key = [...missing].join();
  const found = known.get(key);
  if (found !== undefined) return found;
  const own = missing.size === 0 ? plan : withoutLookups(plan, missing);
  const template = output.kind === "result" ? own : outputPlan(own, output);
  known.set(key, template);
  return template;
};

/** Of one fragment. Who has more than so many ways to spread it gains little. */
const MAX_SOURCES = 32;

const sourceOf = (splits: readonly Split[], known: Map<string, ScanSource>): ScanSource => {
  const key = JSON.stringify(
    splits.map(({ file, firstRowGroup, rowGroupCount, rowCount }) => [
      wire.parquetFile.encode(file),
      firstRowGroup,
      rowGroupCount,
      rowCount,
    ]),
  );
  const source = known.get(key) ?? splitSource(splits);
  known.delete(key);
  known.set(key, source);
  if (known.size > MAX_SOURCES) known.delete(known.keys().next().value!);
  return source;
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
