import { columnRef, type PhysicalCteScan, type PhysicalPlan, type PhysicalScan, physicalInputs } from "@headcut/plan";
import { expect, test } from "vitest";
import { inlineDefinitions, isWorthSharing } from "./inline-definitions.ts";

const type = { kind: "int64" } as const;
let ids = 0;
const column = (name: string) => ({ id: ids++, name, type, nullable: false });

const scan = (rowCount: number, kind: "parquet" | "memory"): PhysicalScan => {
  const own = column("a");
  return {
    kind: "scan",
    operatorId: ids++,
    columns: [own],
    estimatedRows: rowCount,
    table: {
      name: "t",
      columns: [own],
      rowCount,
      source: kind === "memory" ? { kind, tableId: 1 } : { kind, files: [] },
    },
    alias: "t",
    read: [{ ...own, index: 0 }],
    filters: [],
  };
};

const use = (cteId: number, definition: PhysicalPlan): PhysicalCteScan => ({
  kind: "cteScan",
  operatorId: ids++,
  columns: [column("a")],
  estimatedRows: definition.estimatedRows,
  cteId,
  name: `c${cteId}`,
  sources: [definition.columns[0]!.id],
});

const join = (probe: PhysicalPlan, build: PhysicalPlan): PhysicalPlan => ({
  kind: "hashJoin",
  operatorId: ids++,
  columns: probe.columns,
  estimatedRows: 1,
  joinKind: "inner",
  probe,
  build,
  keys: [{ probe: columnRef(probe.columns[0]!), build: columnRef(build.columns[0]!), nullSafe: false }],
  residual: { kind: "constant", value: true, type: { kind: "boolean" }, nullable: false },
  mark: undefined,
});

const define = (cteId: number, definition: PhysicalPlan, body: PhysicalPlan): PhysicalPlan => ({
  kind: "with",
  operatorId: ids++,
  columns: body.columns,
  estimatedRows: body.estimatedRows,
  cteId,
  name: `c${cteId}`,
  definition,
  body,
});

const usedTwice = (definition: PhysicalPlan, body: PhysicalPlan): PhysicalPlan =>
  define(0, definition, join(join(body, use(0, definition)), use(0, definition)));

const nodes = (plan: PhysicalPlan): readonly PhysicalPlan[] => [plan, ...physicalInputs(plan).flatMap(nodes)];

test("a definition that reads little is written out, with operators of its own for each use", () => {
  const plan = usedTwice(scan(100, "parquet"), scan(10_000, "parquet"));
  const written = inlineDefinitions(plan);
  const all = nodes(written);
  expect(all.some(({ kind }) => kind === "with" || kind === "cteScan")).toBe(false);
  expect(all.filter(({ kind }) => kind === "scan")).toHaveLength(3);
  expect(new Set(all.map(({ operatorId }) => operatorId)).size).toBe(all.length);
  expect(written.columns).toEqual(plan.columns);
});

test("one that reads as much as its body, or chooses among its rows, is kept", () => {
  const large = usedTwice(scan(9000, "parquet"), scan(10_000, "parquet"));
  expect(inlineDefinitions(large)).toBe(large);
  const few = scan(100, "parquet");
  const limited = { kind: "limit", operatorId: ids++, columns: few.columns, estimatedRows: 5 } as const;
  const chosen = usedTwice({ ...limited, input: few, limit: 5, offset: 0 }, scan(10_000, "parquet"));
  expect(inlineDefinitions(chosen)).toBe(chosen);
});

test("one whose body is in memory is kept: it is made once, and nothing would be shipped", () => {
  const plan = usedTwice(scan(1, "memory"), scan(1_000_000, "memory"));
  expect(inlineDefinitions(plan)).toBe(plan);
});

test("definitions of definitions do not double for ever", () => {
  let definition: PhysicalPlan = scan(1, "memory");
  const levels: PhysicalPlan[] = [];
  for (let level = 0; level < 40; level++) {
    levels.push(definition);
    definition = join(use(level, definition), use(level, definition));
  }
  let plan: PhysicalPlan = join(scan(1e9, "parquet"), definition);
  for (let level = 39; level >= 0; level--) plan = define(level, levels[level]!, plan);
  expect(nodes(inlineDefinitions(plan)).length).toBeLessThan(10_000);
});

test("a definition that is kept is read by all nodes when it is small beside what the body reads", () => {
  const shared = (definitionRows: number, bodyRows: number): boolean => {
    const definition = scan(definitionRows, "parquet");
    const body = join(join(use(1, definition), use(1, definition)), scan(bodyRows, "parquet"));
    const plan = define(1, definition, body);
    if (plan.kind !== "with") throw new Error("no definition");
    return isWorthSharing(plan, { nodeCount: 5 });
  };
  expect(shared(1000, 4000)).toBe(true);
  expect(shared(1001, 4000)).toBe(false);
  expect(shared(2e7, 1e9)).toBe(false);
});
