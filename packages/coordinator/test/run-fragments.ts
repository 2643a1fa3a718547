import { assert, type PhysicalPlan, type TableSource, type Value } from "@headcut/plan";
import { evaluate, groupKey, type Row } from "../../planner/test/evaluate.ts";
import type { Random } from "../../planner/test/random-plan.ts";
import type { Data } from "../../planner/test/run-logical.ts";
import { runPhysical } from "../../planner/test/run-physical.ts";
import { type Fragment, type FragmentedPlan, UNBOUND } from "../src/cut/fragment.ts";
import { decodeFragment, encodeFragment } from "../src/cut/fragment-codec.ts";
import { mapScans } from "../src/cut/map-scans.ts";
import { withoutLookups } from "../src/cut/without-lookups.ts";

const hash = (text: string): number => [...text].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) >>> 0, 7);

const pick = (columns: PhysicalPlan["columns"], row: Row): Value[] => columns.map(({ id }) => row.get(id)!);

/**
 * Runs a cut plan as a cluster would, with rows scattered over any number of tasks: what each task puts out goes where the
 * fragment's exchange says, in any order. Fragments are sent through their encoding.
 */
export const runFragments = ({ fragments }: FragmentedPlan, data: Data, rng: Random): readonly Row[] => {
  const parcels = new Map<number, readonly (readonly Value[])[][]>();
  const run = (fragmentId: number): readonly Row[][] => {
    const fragment = decodeFragment(encodeFragment(fragments[fragmentId]!));
    const inputs = new Map(fragment.inputs.map(({ operatorId, from }) => [operatorId, deliver(from)]));
    const missing = new Set<number>();
    for (const { operatorId, from, key } of fragment.keyInputs ?? []) {
      const index = fragments[from]!.keysOf![key]!;
      const told = new Map(
        deliver(from)
          .flat()
          .filter((row) => row[index] !== null)
          .map((row) => [String(row[index]), [row[index]!]]),
      );
      inputs.set(operatorId, [[...told.values()]]);
      // Too many to be told.
      if (rng.chance(0.2)) missing.add(operatorId);
    }
    const { runs } = fragment;
    const taskCount = runs.kind === "coordinator" ? 1 : runs.kind === "partitions" ? runs.count : rng.below(4);
    const scattered = scatter(fragment, data, taskCount, rng);
    return Array.from({ length: taskCount }, (_, task) => {
      const tables: Record<string, readonly (readonly Value[])[]> = { ...data };
      const plan = mapScans(withoutLookups(fragment.plan, missing), (scan) => {
        const name = `scan ${scan.operatorId}`;
        const input = inputs.get(scan.operatorId);
        const shard = scattered.get(scan.operatorId);
        if (input !== undefined) tables[name] = input.length === 1 ? input[0]! : input[task]!;
        else if (shard !== undefined) tables[name] = shard[task]!;
        else if (!isUnbound(scan.table.source)) return scan;
        else assert(false, `scan ${scan.operatorId} of fragment ${fragmentId} has no source`);
        return { ...scan, table: { ...scan.table, name } };
      });
      return [...runPhysical(plan, tables)];
    });
  };
  /** What consumers find: one list for all, or one for each partition. */
  const deliver = (fragmentId: number): readonly (readonly Value[])[][] => {
    const known = parcels.get(fragmentId);
    if (known !== undefined) return known;
    const { output, plan } = fragments[fragmentId]!;
    const rows = shuffled(run(fragmentId).flat(), rng);
    const made =
      output.kind === "hash"
        ? Array.from({ length: output.partitions }, (_, partition) =>
            rows
              .filter(
                (row) => hash(groupKey(output.keys.map((key) => evaluate(key, row)))) % output.partitions === partition,
              )
              .map((row) => pick(plan.columns, row)),
          )
        : [rows.map((row) => pick(plan.columns, row))];
    parcels.set(fragmentId, made);
    return made;
  };
  return run(0)[0]!;
};

const isUnbound = (source: TableSource): boolean => JSON.stringify(source) === JSON.stringify(UNBOUND);

const shuffled = <T>(items: readonly T[], rng: Random): readonly T[] =>
  items
    .map((item) => ({ item, place: rng.below(1 << 20) }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);

/** For each scan of splits, the rows of each task: at random, by a column, or all. With no task at all there must be no row. */
const scatter = (
  { runs, plan }: Fragment,
  data: Data,
  taskCount: number,
  rng: Random,
): ReadonlyMap<number, readonly (readonly Value[])[][]> => {
  const shards = new Map<number, (readonly Value[])[][]>();
  if (runs.kind !== "splits") return shards;
  mapScans(plan, (scan) => {
    const { operatorId, table } = scan;
    const rows = data[table.name]!;
    if (runs.copies?.includes(operatorId)) {
      shards.set(
        operatorId,
        Array.from({ length: taskCount }, () => [...rows]),
      );
    }
    if (!runs.scans.includes(operatorId)) return scan;
    const tasks: (readonly Value[])[][] = Array.from({ length: taskCount }, () => []);
    const key = runs.by?.find((candidate) => candidate.operatorId === operatorId);
    const index = table.columns.findIndex(({ name }) => name === key?.column);
    const taskOf = (row: readonly Value[]): number =>
      index < 0 ? rng.below(taskCount) : hash(groupKey([row[index]!])) % taskCount;
    if (taskCount > 0) for (const row of rows) tasks[taskOf(row)]!.push(row);
    shards.set(operatorId, tasks);
    return scan;
  });
  return shards;
};
