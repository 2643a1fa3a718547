import { type PlanJson, physicalPlanJson, printExpression, printSortKey } from "@headcut/planner";
import type { Assignment } from "../placement/assign.ts";
import type { Fragment, FragmentedPlan, Output, SplitRuns } from "./fragment.ts";

/** Which node reads what: for every scan of splits (operator id), its assignments. */
export type Placement = ReadonlyMap<number, readonly Assignment[]>;

/** One numbering of columns for all fragments, as planner's prints have: by first appearance. */
const numbering = () => {
  const columns = new Map<number, number>();
  const ctes = new Map<number, number>();
  const numberIn = (known: Map<number, number>, id: number): number => {
    if (!known.has(id)) known.set(id, known.size);
    return known.get(id)!;
  };
  return { column: (id: number) => numberIn(columns, id), cte: (id: number) => numberIn(ctes, id) };
};

type Numbers = ReturnType<typeof numbering>;

/** The fragments as boxes, root first, each with its exchange, its tasks and, if placement is known, their nodes and splits. */
export const printFragments = ({ fragments }: FragmentedPlan, placement: Placement = new Map()): string => {
  const numbers = numbering();
  return fragments
    .map((fragment) =>
      box(
        fragment,
        readersOf(fragment, fragments, "inputs"),
        readersOf(fragment, fragments, "keyInputs"),
        placement,
        numbers,
      ),
    )
    .join("\n");
};

const readersOf = (
  { fragmentId }: Fragment,
  all: readonly Fragment[],
  what: "inputs" | "keyInputs",
): readonly number[] =>
  all.filter((reader) => reader[what]?.some(({ from }) => from === fragmentId)).map((reader) => reader.fragmentId);

const box = (
  fragment: Fragment,
  readers: readonly number[],
  keyReaders: readonly number[],
  placement: Placement,
  numbers: Numbers,
): string => {
  const plan = treeLines(physicalPlanJson(fragment.plan, numbers), 0);
  const to = readers.length === 0 ? "" : ` → fragment ${readers.join(", ")}`;
  const keys = keyReaders.map((reader) => ` · keys → fragment ${reader}`).join("");
  const lines = [
    `┌ fragment ${fragment.fragmentId} · ${tasks(fragment)} · ${exchange(fragment.output, numbers)}${to}${keys}`,
    ...plan.map((line) => `│ ${line}`),
    ...nodeLines(fragment, placement).map((line) => `├ ${line}`),
    "└",
  ];
  return lines.join("\n");
};

const treeLines = ({ operator, detail, lines, estimatedRows, inputs }: PlanJson, depth: number): string[] => {
  const indent = "  ".repeat(depth);
  return [
    `${indent}${operator}${detail === "" ? "" : ` ${detail}`} ~${estimatedRows}`,
    ...lines.map((line) => `${indent}  · ${line}`),
    ...inputs.flatMap((input) => treeLines(input, depth + 1)),
  ];
};

const tasks = ({ runs }: Fragment): string => {
  switch (runs.kind) {
    case "coordinator":
      return "coordinator";
    case "splits":
      return `${where(runs)}${runs.by === undefined ? "" : `, by ${runs.by.map(({ column }) => column).join(", ")}`}${copies(runs)}`;
    case "partitions":
      return `${runs.count} partitions`;
  }
};

const where = ({ scans }: SplitRuns): string =>
  scans.length === 1 ? "where the splits are" : `where the splits of ${scans.length} scans are`;

const copies = ({ copies = [] }: SplitRuns): string => {
  if (copies.length === 0) return "";
  return copies.length === 1 ? ", all of 1 scan on each" : `, all of ${copies.length} scans on each`;
};

const exchange = (output: Output, numbers: Numbers): string => {
  switch (output.kind) {
    case "result":
      return "result";
    case "broadcast":
      return "broadcast";
    case "gather":
      if (output.order === undefined) return "gather";
      return `merge by ${output.order.map((key) => printSortKey(key, numbers)).join(", ")}`;
    case "hash":
      return `hash by ${output.keys.map((key) => printExpression(key, numbers)).join(", ")}`;
  }
};

const MIB = 1024 * 1024;

/** `node-1: 9 splits, 71.2 MiB, 1 of them for others`. */
const nodeLines = ({ runs }: Fragment, placement: Placement): string[] => {
  if (runs.kind !== "splits") return [];
  const byNode = new Map<string, { splits: number; bytes: number; helped: number }>();
  for (const { nodeId, split, fillCache } of runs.scans.flatMap((scan) => placement.get(scan) ?? [])) {
    const sums = byNode.get(nodeId) ?? { splits: 0, bytes: 0, helped: 0 };
    sums.splits++;
    sums.bytes += split.byteLength;
    if (!fillCache) sums.helped++;
    byNode.set(nodeId, sums);
  }
  return [...byNode]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([nodeId, { splits, bytes, helped }]) => {
      const help = helped === 0 ? "" : `, ${helped} of them for others`;
      return `${nodeId}: ${splits} split${splits === 1 ? "" : "s"}, ${(bytes / MIB).toFixed(1)} MiB${help}`;
    });
};
