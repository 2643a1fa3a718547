import { type DataType, date, double, int32, int64, type Value, varchar } from "@headcut/plan";
import { describe, expect, test } from "vitest";
import { findLocality } from "../../src/coordinate/find-locality.ts";
import { groupSplits } from "../../src/coordinate/group-splits.ts";
import type { ViewNode } from "../../src/coordinate/nodes-view.ts";
import type { Split } from "../../src/placement/split.ts";

const nodes = ["n0", "n1", "n2"].map((nodeId) => ({
  nodeId,
  address: `${nodeId}:1`,
  weight: 1,
  draining: false,
  startedAt: 1,
  load: 0,
}));

interface File {
  readonly min?: Value;
  readonly max?: Value;
  readonly nulls?: number;
  readonly by?: readonly string[];
  readonly bytes?: number;
  readonly splits?: number;
  readonly rows?: number;
}

const ALL = ["n0", "n1", "n2"];

const splitsOf = (table: string, files: readonly File[], type: DataType = int64): readonly Split[] =>
  files.flatMap(({ min, max, nulls = 0, by = ALL, bytes = 100, splits = 1, rows = 10 }, i) =>
    Array.from({ length: splits }, (_, part): Split => {
      const range = min === undefined || max === undefined ? {} : { min, max };
      return {
        file: { path: `${table}/${i}`, sizeBytes: bytes * splits, rowCount: rows * splits, identity: "1" },
        firstRowGroup: part,
        rowGroupCount: 1,
        byteOffset: part * bytes,
        byteLength: bytes,
        rowCount: rows,
        reach: { kind: "held", by },
        columns: [{ name: "k", type, nullable: true, statistics: { ...range, nullCount: nulls } }],
      };
    }),
  );

const keys = [
  { operatorId: 1, column: "k" },
  { operatorId: 2, column: "k" },
];

/** `a0 b0 b1` for each group: which files of the two scans it has, a letter for each split. */
const groupsOf = (
  a: readonly Split[],
  b: readonly Split[],
  among: readonly ViewNode[] = nodes.slice(0, 1),
): readonly string[] | undefined =>
  groupSplits(
    keys,
    new Map([
      [1, a],
      [2, b],
    ]),
    among,
  )?.map(({ members }) => members.map(({ split }) => split.file.path.replace("/", "")).join(" "));

const FOUR = [
  { min: 1n, max: 10n },
  { min: 11n, max: 20n },
  { min: 21n, max: 30n },
];

describe("splits that meet", () => {
  test("files of equal ranges, in pairs", () => {
    expect(groupsOf(splitsOf("a", FOUR), splitsOf("b", FOUR))).toEqual(["a0 b0", "a1 b1", "a2 b2"]);
  });

  test("a file that overlaps two holds them together; all splits of a file stay together", () => {
    const b = [
      { min: 10n, max: 11n },
      { min: 25n, max: 25n, splits: 2 },
    ];
    const wide = [...FOUR, { min: 40n, max: 50n }];
    expect(groupsOf(splitsOf("a", wide), splitsOf("b", b))).toEqual(["a0 b0 a1", "a2 b1 b1", "a3"]);
  });

  test("a value that is the end of one and the start of the next holds them together", () => {
    const touching = [
      { min: 1n, max: 10n },
      { min: 10n, max: 20n },
      { min: 21n, max: 30n },
      { min: 31n, max: 31n },
    ];
    expect(groupsOf(splitsOf("a", touching), [])).toEqual(["a0 a1", "a2", "a3"]);
  });

  test("NULLs are equal to each other: files that have some, or may have, are together", () => {
    const some = FOUR.map((range, i) => (i === 1 ? range : { ...range, nulls: 1 }));
    expect(groupsOf(splitsOf("a", [...some, { min: 50n, max: 60n }]), [])).toEqual(["a1", "a3", "a0 a2"]);
    expect(groupsOf(splitsOf("a", [...FOUR, { nulls: 10 }]), [])).toEqual(["a0", "a1", "a2", "a3"]);
  });

  test("bounds of several kinds of numbers compare as numbers; other types' do not", () => {
    const dates = FOUR.map(({ min, max }) => ({ min: Number(min), max: Number(max) }));
    expect(groupsOf(splitsOf("a", FOUR), splitsOf("b", dates, int32))).toHaveLength(3);
    expect(groupsOf(splitsOf("a", dates, date), splitsOf("b", dates, date))).toHaveLength(3);
    expect(groupsOf(splitsOf("a", FOUR), splitsOf("b", dates, date))).toBeUndefined();
    expect(groupsOf(splitsOf("a", dates, double), splitsOf("b", dates, double))).toBeUndefined();
  });

  test("bounds of texts compare by code points", () => {
    const texts = [
      { min: "a", max: "b" },
      { min: "c", max: "\uff5e" },
      { min: "\u{1f600}", max: "\u{1f600}" },
    ];
    expect(groupsOf(splitsOf("a", texts, varchar), splitsOf("b", texts.toReversed(), varchar))).toEqual([
      "a0 b2",
      "a1 b1",
      "a2 b0",
    ]);
    expect(groupsOf(splitsOf("a", texts, varchar), splitsOf("b", [{ min: "b", max: "bb" }], varchar))).toEqual([
      "a0 b0",
      "a1",
      "a2",
    ]);
    expect(groupsOf(splitsOf("a", texts, varchar), splitsOf("b", FOUR))).toBeUndefined();
  });

  test("not without statistics, without a node that has all of a group, or when one node would do it all", () => {
    expect(groupsOf(splitsOf("a", FOUR), splitsOf("b", [{}]))).toBeUndefined();
    const [a, b] = [
      FOUR.map((range) => ({ ...range, by: ["n0", "n1"] })),
      FOUR.map((range) => ({ ...range, by: ["n2"] })),
    ];
    expect(groupsOf(splitsOf("a", a), splitsOf("b", b), nodes)).toBeUndefined();
    expect(groupsOf(splitsOf("a", [{ min: 1n, max: 30n }]), splitsOf("b", FOUR), nodes)).toBeUndefined();
    expect(groupsOf(splitsOf("a", [...FOUR, { min: 40n, max: 50n, bytes: 10_000 }]), [], nodes)).toBeUndefined();
  });

  test("a group is placed where all of it is, with the bytes of all", () => {
    const a = FOUR.map((range, i) => ({ ...range, by: [`n${i}`, `n${(i + 1) % 3}`] }));
    const b = FOUR.map((range, i) => ({ ...range, by: [`n${i}`, `n${(i + 2) % 3}`], bytes: 50 }));
    const groups = groupSplits(
      keys,
      new Map([
        [1, splitsOf("a", a)],
        [2, splitsOf("b", b)],
      ]),
      nodes,
    )!;
    expect(groups.map(({ item }) => [item.split.byteLength, item.split.reach])).toEqual(
      ALL.map((nodeId) => [150, { kind: "held", by: [nodeId] }]),
    );
  });
});

test("a table is everywhere when every node has every split of it", () => {
  const locality = findLocality(
    new Map([
      [1, splitsOf("a", FOUR)],
      [
        2,
        splitsOf(
          "b",
          FOUR.map((range, i) => ({ ...range, by: i === 1 ? ["n0", "n2"] : ALL })),
        ),
      ],
      [3, []],
    ]),
    nodes,
  );
  expect([1, 2, 3, 4].map(locality.everywhereBytes)).toEqual([300, undefined, 0, undefined]);
});
