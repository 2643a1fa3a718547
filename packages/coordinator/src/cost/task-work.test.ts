import { columnRef, type PhysicalPlan } from "@headcut/plan";
import { expect, test } from "vitest";
import { learnWork, workFactor } from "./learnt-work.ts";
import { taskWork } from "./task-work.ts";

const column = { name: "a", type: { kind: "int32" }, nullable: false } as const;

const scan = (operatorId: number, estimatedRows: number): PhysicalPlan => ({
  kind: "scan",
  operatorId,
  columns: [{ ...column, id: operatorId }],
  estimatedRows,
  table: { name: `t${operatorId}`, columns: [column], rowCount: estimatedRows, source: { kind: "memory", tableId: 0 } },
  alias: `t${operatorId}`,
  read: [{ ...column, id: operatorId, index: 0 }],
  filters: [],
});

const join = (build: PhysicalPlan, probe: PhysicalPlan): PhysicalPlan => ({
  kind: "hashJoin",
  operatorId: 9,
  columns: [...probe.columns],
  estimatedRows: probe.estimatedRows,
  joinKind: "inner",
  build,
  probe,
  keys: [{ build: columnRef(build.columns[0]!), probe: columnRef(probe.columns[0]!), nullSafe: false }],
  residual: { kind: "constant", type: { kind: "boolean" }, nullable: false, value: true },
  mark: undefined,
});

/** Tasks of two read half of scan 1 each, and all of every other. */
const halves = (plan: PhysicalPlan): number =>
  taskWork(plan, ({ operatorId, estimatedRows }) => ({ rows: estimatedRows, share: operatorId === 1 ? 0.5 : 1 }));
const whole = (plan: PhysicalPlan): number =>
  taskWork(plan, ({ estimatedRows }) => ({ rows: estimatedRows, share: 1 }));

test("what tasks share is divided among them, what each does by itself is not", () => {
  expect(halves(scan(1, 1e6))).toBeCloseTo(whole(scan(1, 1e6)) / 2);
  expect(halves(scan(2, 1e6))).toBe(whole(scan(2, 1e6)));
  const copied = join(scan(2, 1e6), scan(1, 1e6));
  const probing = whole(join(scan(2, 0), scan(1, 1e6)));
  expect(halves(copied)).toBeCloseTo(whole(copied) - probing / 2);
  // Above the join, rows are spread as those of its probe side.
  expect(halves(join(scan(1, 1e6), copied))).toBeLessThan(whole(join(scan(1, 1e6), copied)) * 0.75);
});

test("runs teach what a plan takes: the faster at once, the slower bit by bit", () => {
  const plan = scan(1, 1e6);
  expect(workFactor(plan)).toBe(1);
  learnWork(plan, 30, 10);
  expect(workFactor(plan)).toBe(3);
  learnWork(plan, 20, 10);
  expect(workFactor(plan)).toBe(2);
  learnWork(plan, 40, 10);
  expect(workFactor(plan)).toBe(2.5);
  learnWork(plan, 0, 10);
  expect(workFactor(plan)).toBe(2.5);
});
