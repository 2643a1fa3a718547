import { compare, constant, int32, int64, isNull, or, varchar } from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { col, filter, limit, project, repeat, scan, testTable, unionAll, values, withCte } from "./plan-builder.ts";
import { runPlan } from "./run-plan.ts";

const people = testTable("people", {
  id: [int64, [1n, 2n, 3n, 4n, 5n]],
  age: [int32, [30, null, 41, 12, null]],
  name: [varchar, ["Ann", "", null, "Žofie with a longer name", "Bo"]],
});
const n = (value: number) => constant(int32, value);
const big = (value: bigint) => constant(int64, value);

describe.each([
  { threads: 1, batchRows: 4096 },
  { threads: 3, batchRows: 2, dictionaries: "text" as const },
])("streaming operators, $threads threads, batches of $batchRows", (options) => {
  const run = (plan: Parameters<typeof runPlan>[0], tables = [people]) => runPlan(plan, tables, options).rows;
  const sorted = (rows: unknown[][]) => rows.map((row) => row.map(String).join("|")).sort();

  it("gives all columns of a scan", () => {
    expect(sorted(run(scan(people)))).toEqual([
      "1|30|Ann",
      "2|null|",
      "3|41|null",
      "4|12|Žofie with a longer name",
      "5|null|Bo",
    ]);
  });

  it("filters in the scan, conjunct by conjunct, and above it", () => {
    const inScan = scan(people, (plan) => [
      compare("ge", col(plan, "id"), big(2n)),
      or(isNull(col(plan, "age")), compare("lt", col(plan, "age"), n(40))),
    ]);
    expect(sorted(run(inScan)).map((row) => row[0])).toEqual(["2", "4", "5"]);
    const above = filter(inScan, compare("ne", col(inScan, "name"), constant(varchar, "Bo")));
    expect(sorted(run(above)).map((row) => row[0])).toEqual(["2", "4"]);
    expect(run(filter(inScan, compare("gt", col(inScan, "age"), n(100))))).toEqual([]);
  });

  it("projects constants, expressions and columns that pass through", () => {
    const input = scan(people);
    const plan = project(input, {
      one: n(1),
      adult: compare("ge", col(input, "age"), n(18)),
      name: col(input, "name"),
    });
    expect(sorted(run(plan))).toEqual([
      "1|false|Žofie with a longer name",
      "1|null|",
      "1|null|Bo",
      "1|true|Ann",
      "1|true|null",
    ]);
  });

  it("reads constant rows, also without columns and without rows", () => {
    const rows = [
      [1n, "x"],
      [2n, null],
      [3n, "a string of more than sixteen bytes"],
    ];
    const plan = values(
      [
        ["i", int64, false],
        ["s", varchar, true],
      ],
      rows,
    );
    expect(run(plan)).toEqual(rows);
    expect(run(project(values([], [[], []]), { one: n(1) }))).toEqual([[1], [1]]);
    expect(run(values([["i", int64, false]], []))).toEqual([]);
  });

  it("unites inputs, matching columns by position", () => {
    const a = scan(people);
    const b = scan(people);
    const plan = unionAll(project(a, { x: col(a, "id") }), project(b, { y: col(b, "id") }));
    expect(sorted(run(plan))).toEqual(["1", "1", "2", "2", "3", "3", "4", "4", "5", "5"]);
  });

  it("limits, with offset, across threads and inputs", () => {
    const input = scan(people);
    expect(run(limit(input, 2))).toHaveLength(2);
    expect(run(limit(input, 2, 4))).toHaveLength(1);
    expect(run(limit(input, 0))).toHaveLength(0);
    expect(run(limit(input, undefined, 2))).toHaveLength(3);
    expect(run(limit(input, 10, 10))).toHaveLength(0);
    expect(run(limit(unionAll(input, scan(people)), 7))).toHaveLength(7);
  });

  it("computes a CTE once and reads it as often as asked", () => {
    const input = scan(people);
    const plan = withCte(filter(input, compare("gt", col(input, "id"), big(3n))), (read) => unionAll(read(), read()));
    expect(sorted(run(plan))).toEqual([
      "4|12|Žofie with a longer name",
      "4|12|Žofie with a longer name",
      "5|null|Bo",
      "5|null|Bo",
    ]);
    const empty = withCte(filter(input, compare("gt", col(input, "id"), big(30n))), (read) => read());
    expect(run(empty)).toEqual([]);
  });

  it("repeats rows; NULL and counts below one drop them", () => {
    const counts = testTable("counts", { c: [int64, [0n, 3n, null, -1n, 1n]] });
    const input = scan(counts);
    expect(sorted(run(repeat(input, col(input, "c")), [counts]))).toEqual(["1", "3", "3", "3"]);
  });

  it("counts the rows that leave each operator", () => {
    const input = scan(people);
    const kept = filter(input, compare("gt", col(input, "id"), big(2n)));
    const plan = project(kept, { id: col(kept, "id") });
    const { rowCounts } = runPlan(plan, [people], options);
    expect([input, kept, plan].map(({ operatorId }) => rowCounts[operatorId])).toEqual([5, 3, 3]);
  });
});
