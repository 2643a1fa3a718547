import { type Column, columnRef, type PhysicalJoinKind, type PhysicalPlan, type PhysicalScan } from "@headcut/plan";
import { expect, test } from "vitest";
import { columnDomains } from "./column-domains.ts";
import { travelling } from "./distinct-keys.ts";
import { NO_LOCALITY } from "./locality.ts";
import type { OpenFragment } from "./open-fragment.ts";

let ids = 0;

/** A million rows whose key has so many values, if that is known. */
const scan = (values: bigint | undefined): PhysicalScan => {
  const key: Column = { id: ids++, name: "k", type: { kind: "int64" }, nullable: false };
  const column = { ...key, ...(values !== undefined && { statistics: { min: 1n, max: values } }) };
  return {
    kind: "scan",
    operatorId: ids++,
    columns: [key],
    estimatedRows: 1e6,
    table: { name: "t", columns: [column], rowCount: 1e6, source: { kind: "parquet", files: [] } },
    alias: "t",
    read: [{ ...key, index: 0 }],
    filters: [],
  };
};

const sent = (joinKind: PhysicalJoinKind, side: "build" | "probe", values: bigint | undefined): PhysicalPlan => {
  const [build, probe] = [scan(values), scan(values)];
  const open: OpenFragment = {
    plan: side === "build" ? build : probe,
    runs: { kind: "splits", scans: [] },
    inputs: [],
    partitioning: undefined,
    traces: new Map(),
    ctes: new Set(),
  };
  const keys = [{ probe: columnRef(probe.columns[0]!), build: columnRef(build.columns[0]!), nullSafe: false }];
  const join: PhysicalPlan = {
    kind: "hashJoin",
    operatorId: ids++,
    columns: [],
    estimatedRows: 1,
    joinKind,
    build,
    probe,
    keys,
    residual: { kind: "constant", value: true, type: { kind: "boolean" }, nullable: false },
    mark: undefined,
  };
  const cutting = {
    nodeCount: 4,
    locality: NO_LOCALITY,
    domainOf: columnDomains(join),
    definitions: new Map(),
    nextOperator: () => ids++,
    nextColumn: () => ids++,
    finish: () => 0,
    finished: () => {
      throw new Error("nothing was finished");
    },
    amend: () => undefined,
  };
  return travelling(join, side, open, cutting).plan;
};

test("what is only looked up travels once", () => {
  for (const [kind, side] of [
    ["probeSemi", "build"],
    ["probeAnti", "build"],
    ["mark", "build"],
    ["buildSemi", "probe"],
    ["buildAnti", "probe"],
  ] as const) {
    expect(sent(kind, side, 1000n)).toMatchObject({ kind: "aggregate", estimatedRows: 4000, aggregates: [] });
  }
});

test("rows that count travel as they are, as do those that are not known to be alike", () => {
  expect(sent("probeSemi", "probe", 1000n).kind).toBe("scan");
  expect(sent("buildAnti", "build", 1000n).kind).toBe("scan");
  for (const kind of ["inner", "probeOuter", "buildOuter", "full", "single"] as const) {
    expect(sent(kind, "build", 1000n).kind).toBe("scan");
    expect(sent(kind, "probe", 1000n).kind).toBe("scan");
  }
  expect(sent("probeSemi", "build", 200_000n).kind).toBe("scan");
  expect(sent("probeSemi", "build", undefined).kind).toBe("scan");
});

test("a column's values are bounded by its table's rows and bounds, whatever it is called", () => {
  const domainOf = (values: bigint | undefined): number | undefined => {
    const input = scan(values);
    const renamed: Column = { ...input.columns[0]!, id: ids++, name: "renamed" };
    const expression = columnRef(input.columns[0]!);
    const projections = [{ id: renamed.id, name: renamed.name, expression }];
    const plan: PhysicalPlan = {
      kind: "project",
      operatorId: ids++,
      columns: [renamed],
      estimatedRows: 1e6,
      input,
      projections,
    };
    return columnDomains(plan)(columnRef(renamed));
  };
  expect(domainOf(1000n)).toBe(1000);
  expect(domainOf(10n ** 12n)).toBe(1e6);
  expect(domainOf(undefined)).toBe(1e6);
});
