import {
  type Column,
  columnRef,
  type DataType,
  int64,
  type PhysicalJoinKind,
  type PhysicalPlan,
  type PhysicalScan,
  physicalInputs,
  TRUE,
  varchar,
} from "@headcut/plan";
import { expect, test } from "vitest";
import { cut } from "./cut.ts";
import type { Fragment } from "./fragment.ts";
import { withoutLookups } from "./without-lookups.ts";

let ids = 0;

interface Side {
  readonly rows: number;
  readonly type?: DataType;
  readonly nullable?: boolean;
}

/** A table of a million keys and wide rows, of which so many rows pass its filters. */
const scan = ({ rows, type = int64, nullable = false }: Side): PhysicalScan => {
  const columns: Column[] = [
    { id: ids++, name: "k", type, nullable },
    { id: ids++, name: "v", type: varchar, nullable: false },
  ];
  return {
    kind: "scan",
    operatorId: ids++,
    columns,
    estimatedRows: rows,
    table: { name: "t", columns, rowCount: 1e6, source: { kind: "parquet", files: [] } },
    alias: "t",
    read: columns.map((column, index) => ({ ...column, index })),
    filters: [],
  };
};

const join = (
  joinKind: PhysicalJoinKind,
  build: PhysicalPlan,
  probe: PhysicalPlan,
  nullSafe = false,
): PhysicalPlan => ({
  kind: "hashJoin",
  operatorId: ids++,
  columns: [...probe.columns, ...build.columns],
  estimatedRows: 1e9,
  joinKind,
  build,
  probe,
  keys: [{ probe: columnRef(probe.columns[0]!), build: columnRef(build.columns[0]!), nullSafe }],
  residual: TRUE,
  mark: undefined,
});

const grouped = (input: PhysicalPlan): PhysicalPlan => {
  const [key] = input.columns as readonly [Column];
  const count: Column = { id: ids++, name: "n", type: int64, nullable: false };
  return {
    kind: "aggregate",
    operatorId: ids++,
    columns: [key, count],
    estimatedRows: 9e5,
    input,
    groups: [{ id: key.id, name: key.name, expression: columnRef(key) }],
    aggregates: [
      {
        id: count.id,
        name: count.name,
        call: {
          name: "countStar",
          args: [],
          filter: undefined,
          distinct: false,
          orderBy: [],
          type: int64,
          nullable: false,
        },
      },
    ],
  };
};

const fragmentsOf = (plan: PhysicalPlan): readonly Fragment[] => cut(plan, { nodeCount: 8 }).fragments;
const readers = (plan: PhysicalPlan): readonly Fragment[] =>
  fragmentsOf(plan).filter(({ keyInputs }) => keyInputs !== undefined);

const few: Side = { rows: 450_000 };
const many: Side = { rows: 1e6 };

test("the side with many rows waits for the keys of the other, where a row without a match is dropped", () => {
  for (const [kind, build, probe] of [
    ["inner", few, many],
    ["inner", many, few],
    ["probeOuter", many, few],
    ["buildOuter", few, many],
    ["buildAnti", few, many],
    ["probeAnti", many, few],
    ["single", many, few],
  ] as const) {
    const [reader, ...others] = readers(join(kind, scan(build), scan(probe)));
    expect(others, kind).toEqual([]);
    const [told] = reader!.keyInputs!;
    expect(reader!.plan, kind).toMatchObject({ kind: "hashJoin", joinKind: "probeSemi", estimatedRows: 450_000 });
    // Who waits has the lesser number.
    expect(told!.from).toBeGreaterThan(reader!.fragmentId);
  }
});

test("rows that come out without a match are not looked up", () => {
  expect(readers(join("probeOuter", scan(few), scan(many)))).toEqual([]);
  expect(readers(join("buildOuter", scan(many), scan(few)))).toEqual([]);
  expect(readers(join("full", scan(few), scan(many)))).toEqual([]);
  expect(readers(join("mark", scan(few), scan(many)))).toEqual([]);
  expect(readers(join("mark", scan(many), scan(few)))).toEqual([]);
  expect(readers(join("probeAnti", scan(few), scan(many)))).toEqual([]);
});

test("nor where NULL finds NULL, where keys are no whole numbers, where most rows match, or little is saved", () => {
  const open = { nullable: true };
  expect(readers(join("inner", scan({ ...few, ...open }), scan({ ...many, ...open }), true))).toEqual([]);
  expect(readers(join("inner", scan({ ...few, ...open }), scan({ ...many, ...open }))).length).toBe(1);
  expect(readers(join("inner", scan({ ...few, type: varchar }), scan({ ...many, type: varchar })))).toEqual([]);
  expect(readers(join("inner", scan({ rows: 6e5 }), scan(many)))).toEqual([]);
  expect(readers(join("inner", scan({ rows: 600 }), scan({ rows: 6000 })))).toEqual([]);
});

test("keys go down to where groups begin, though the side itself stays where it is", () => {
  const plan = join("inner", scan({ rows: 1000 }), grouped(scan({ rows: 1e6 })));
  const all = fragmentsOf(plan);
  const [reader] = all.filter(({ keyInputs }) => keyInputs !== undefined);
  expect(reader!.runs.kind).toBe("splits");
  expect(reader!.plan).toMatchObject({ joinKind: "probeSemi", probe: { kind: "aggregate" } });
  expect(all[reader!.keyInputs![0]!.from]).toMatchObject({ keysOf: [0], output: { kind: "hash" } });
});

test("without the keys a fragment is as it was", () => {
  const [reader] = readers(join("inner", scan(few), scan(many)));
  const { plan, keyInputs } = reader!;
  expect(withoutLookups(plan, new Set())).toBe(plan);
  expect(withoutLookups(plan, new Set(keyInputs!.map(({ operatorId }) => operatorId)))).toBe(physicalInputs(plan)[0]);
});
