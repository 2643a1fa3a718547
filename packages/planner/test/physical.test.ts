import {
  and,
  boolean,
  type Column,
  type columnRef,
  compare,
  constant,
  type Expression,
  int32,
  isNull,
  type LogicalJoin,
  type LogicalPlan,
  not,
  type PhysicalPlan,
  physicalInputs,
  varchar,
} from "@headcut/plan";
import { describe, expect, test } from "vitest";
import { chooseSides } from "../src/physical/build-side.ts";
import { splitCondition } from "../src/physical/join-keys.ts";
import { toPhysical } from "../src/physical/to-physical.ts";
import { physicalPlanJson } from "../src/print/plan-json.ts";
import { printAnnotatedPlan, printPhysicalPlan } from "../src/print/print-physical.ts";
import { createEstimator } from "../src/statistics/estimator.ts";
import { idsOf } from "../src/traverse/plan.ts";
import { call, cmp, col, eq, filter, int, join, limit, planBuilder, sort, table } from "./build-plan.ts";

const wide = (name: string, rows: number) =>
  table(name, rows, {
    a: { type: int32 },
    n: { type: int32, nullable: true },
    s: { type: varchar, statistics: { distinctCount: rows } },
  });
const small = wide("small", 10);
const large = wide("large", 100_000);

const physical = (plan: LogicalPlan): PhysicalPlan => toPhysical(plan, createEstimator());
const print = (plan: LogicalPlan): string => `\n${printPhysicalPlan(physical(plan))}\n`;

describe("joins", () => {
  test.each([
    ["inner", 10, 100, "inner", true],
    ["inner", 100, 10, "inner", false],
    ["left", 10, 100, "buildOuter", true],
    ["left", 60, 100, "probeOuter", false],
    ["right", 100, 10, "buildOuter", false],
    ["right", 10, 100, "probeOuter", true],
    ["semi", 10, 100, "buildSemi", true],
    ["semi", 100, 10, "probeSemi", false],
    ["anti", 10, 100, "buildAnti", true],
    ["anti", 100, 100, "probeAnti", false],
    ["full", 10, 100, "full", true],
    ["mark", 10, 100, "mark", false],
    ["single", 10, 100, "single", false],
  ] as const)("%s join of %d and %d rows", (kind, left, right, joinKind, buildIsLeft) => {
    expect(chooseSides(kind, left, right)).toEqual({ joinKind, buildIsLeft });
  });

  const b = planBuilder();
  const l = b.scan(small);
  const r = b.scan(large);
  const split = (kind: LogicalJoin["joinKind"], condition: Expression) =>
    splitCondition(condition, kind, idsOf(l), idsOf(r));

  test("equalities become keys whichever way they are written, the rest is residual", () => {
    const sum: Expression = {
      kind: "arithmetic",
      op: "add",
      left: col(l, "a"),
      right: int(1),
      type: int32,
      nullable: false,
    };
    const rest = cmp("lt", col(l, "n"), col(r, "n"));
    const { keys, residual } = split("inner", and(eq(col(r, "a"), sum), eq(col(l, "a"), int(3)), rest));
    expect(keys).toEqual([{ left: sum, right: col(r, "a"), nullSafe: false }]);
    expect(residual).toEqual(and(eq(col(l, "a"), int(3)), rest));
  });

  test("IS NOT DISTINCT FROM is null-safe only where NULLs can be", () => {
    expect(split("inner", compare("notDistinct", col(l, "n"), col(r, "a"))).keys[0]!.nullSafe).toBe(true);
    expect(split("inner", compare("notDistinct", col(l, "a"), col(r, "a"))).keys[0]!.nullSafe).toBe(false);
  });

  test("a mark join's nullable keys are residual, unless one equality is all there is", () => {
    const nullable = eq(col(l, "n"), col(r, "n"));
    expect(split("mark", nullable)).toMatchObject({ keys: [{ nullSafe: false }], residual: { value: true } });
    const both = split("mark", and(nullable, eq(col(l, "a"), col(r, "a"))));
    expect(both.keys).toEqual([{ left: col(l, "a"), right: col(r, "a"), nullSafe: false }]);
    expect(both.residual).toEqual(nullable);
    const safe = split("mark", and(nullable, compare("notDistinct", col(l, "n"), col(r, "n"))));
    expect(safe.keys).toMatchObject([{ nullSafe: true }]);
  });

  test("only what is used above comes out of joins, filters and scans", () => {
    const joined = filter(join("inner", l, r, eq(col(l, "a"), col(r, "a"))), cmp("lt", col(l, "n"), col(r, "n")));
    expect(print(b.project(joined, { s: col(l, "s") }))).toMatchInlineSnapshot(`
      "
      filter n#0 < n#1 ~50000
        hashJoin inner on a#2 = a#3 -> (n#0, s#4, n#1) ~100000
          scan large (a#2, n#1) ~100000
          scan small (a#3, n#0, s#4) ~10
      "
    `);
  });
});

describe("other operators", () => {
  test("LIMIT over a sort is a top-N; without a number it is not", () => {
    const b = planBuilder();
    const scan = b.scan(small);
    expect(print(limit(sort(scan, col(scan, "a")), 5, 2))).toMatchInlineSnapshot(`
      "
      topN 5 offset 2 by a#0 NULLS LAST ~5
        scan small (a#0, n#1, s#2) ~10
      "
    `);
    expect(print(limit(sort(scan, col(scan, "a")), undefined, 2))).toMatchInlineSnapshot(`
      "
      limit offset 2 ~8
        sort a#0 NULLS LAST ~10
          scan small (a#0, n#1, s#2) ~10
      "
    `);
  });

  test("nested UNION ALLs become one", () => {
    const b = planBuilder();
    const three = b.setOperation(
      "union",
      true,
      b.setOperation("union", true, b.scan(small), b.scan(large)),
      b.scan(small),
    );
    expect(print(b.project(three, { n: col(three, "n") }))).toMatchInlineSnapshot(`
      "
      unionAll (n#3) ~100020
        · from (#0)
        · from (#1)
        · from (#2)
        scan small (n#0) ~10
        scan large (n#1) ~100000
        scan small (n#2) ~10
      "
    `);
  });

  test("VALUES of constants stay, computed rows are projections", () => {
    const b = planBuilder();
    const sum: Expression = {
      kind: "arithmetic",
      op: "add",
      left: int(1),
      right: int(2),
      type: int32,
      nullable: false,
    };
    expect(print(b.values([["x", int32]], [[int(1)], [int(2)]]))).toMatchInlineSnapshot(`
      "
      values (x#0) ~2
        · (1)
        · (2)
      "
    `);
    expect(print(b.values([["x", int32]], [[int(1)], [sum]]))).toMatchInlineSnapshot(`
      "
      unionAll (x#0) ~2
        · from (#0)
        · from (#0)
        project x#0 = 1 ~1
          values () ~1
            · ()
        project x#0 = 1 + 2 ~1
          values () ~1
            · ()
      "
    `);
    expect(print(b.values([["x", int32]], [[sum]]))).toMatchInlineSnapshot(`
      "
      project x#0 = 1 + 2 ~1
        values () ~1
          · ()
      "
    `);
  });

  test("the result has the plan's columns in the plan's order", () => {
    const b = planBuilder();
    const scan = b.scan(small);
    const turned: LogicalPlan = {
      kind: "project",
      input: scan,
      projections: ["s", "a"].map((name) => passed(scan, name)),
    };
    expect(physical(filter(turned, not(isNull(col(scan, "a"))))).columns.map((column) => column.name)).toEqual([
      "s",
      "a",
    ]);
  });

  test("scan filters: what drops most rows for its cost first", () => {
    const b = planBuilder();
    const scan = b.scan(large);
    const like: Expression = {
      kind: "like",
      arg: col(scan, "s"),
      pattern: constant(varchar, "%x%"),
      escape: undefined,
      caseInsensitive: false,
      type: boolean,
      nullable: false,
    };
    const loose = cmp("ne", col(scan, "a"), int(1));
    const tight = eq(col(scan, "a"), int(1));
    const plan = physical({ ...scan, filters: [like, loose, tight] });
    expect(plan.kind === "scan" && plan.filters).toEqual([tight, loose, like]);
  });

  test("scan filters: those of one column stand together, and count for what they drop together", () => {
    const ranges = table("ranges", 1000, {
      a: { type: int32, statistics: { min: 0, max: 1000 } },
      b: { type: int32, statistics: { min: 0, max: 1000 } },
    });
    const scan = planBuilder().scan(ranges);
    const from = cmp("ge", col(scan, "a"), int(450));
    const to = cmp("le", col(scan, "a"), int(550));
    const third = cmp("lt", col(scan, "b"), int(333));
    const plan = physical({ ...scan, filters: [from, third, to] });
    expect(plan.kind === "scan" && plan.filters).toEqual([from, to, third]);
  });

  test("operator ids are dense and unique, whatever the plan", () => {
    const b = planBuilder();
    const plan = b.with(b.scan(small), (scan) => {
      const [left, right] = [scan(), scan()];
      const joined = join("left", left, right, eq(col(left, "a"), col(right, "n")));
      return b.aggregate(joined, [col(left, "s")], { c: call("countStar") });
    });
    const ids: number[] = [];
    const visit = (node: PhysicalPlan): void => {
      ids.push(node.operatorId);
      physicalInputs(node).forEach(visit);
    };
    visit(physical(plan));
    expect(ids.sort((x, y) => x - y)).toEqual(ids.map((_, i) => i));
  });

  test("a dependent join is our own mistake", () => {
    const b = planBuilder();
    const [l, r] = [b.scan(small), b.scan(large)];
    expect(() => physical(join("inner", l, r, eq(col(l, "a"), col(r, "a")), true))).toThrow("internal error");
  });
});

const passed = (plan: LogicalPlan, name: string) => {
  const expression = col(plan, name) as ReturnType<typeof columnRef>;
  return { id: expression.id, name, expression };
};

describe("printing", () => {
  const b = planBuilder();
  const mark: Column = { id: b.ids.next(), name: "m", type: boolean, nullable: true };
  const [l, r] = [b.scan(small), b.scan(large)];
  const plan = physical({ ...join("inner", l, r, eq(col(l, "n"), col(r, "n"))), joinKind: "mark", mark });

  test("annotations follow each operator", () => {
    expect(`\n${printAnnotatedPlan(plan, (node) => [`rows ${node.operatorId}`])}\n`).toMatchInlineSnapshot(`
      "
      hashJoin mark m#2 on n#0 = n#1 -> (a#3, n#0, s#4, m#2) ~10
        · rows 0
        scan small (a#3, n#0, s#4) ~10
          · rows 1
        scan large (n#1) ~100000
          · rows 2
      "
    `);
  });
  test("JSON has estimates and types", () => {
    const json = physicalPlanJson(plan);
    expect(json.operatorId).toBe(0);
    expect(json.columns.at(-1)).toEqual({ name: "m#2", type: "BOOLEAN", nullable: true });
    expect(json.inputs.map((input) => input.estimatedRows)).toEqual([10, 100_000]);
  });
});
