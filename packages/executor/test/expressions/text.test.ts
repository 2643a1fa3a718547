import {
  boolean,
  type Call,
  constant,
  type DataType,
  type Expression,
  type InList,
  int32,
  int64,
  type Like,
  type Value,
  varchar,
} from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { columnsOf, differences, evaluateAll, testTable } from "./oracle.ts";
import { random, randomRows } from "./random-values.ts";

const call = (name: string, type: DataType, ...args: Expression[]): Call => ({
  kind: "call",
  name,
  args,
  type,
  nullable: args.some((arg) => arg.nullable),
});

const like = (arg: Expression, pattern: Expression | string, caseInsensitive = false, escaped?: string): Like => {
  const bound = typeof pattern === "string" ? constant(varchar, pattern) : pattern;
  return {
    kind: "like",
    arg,
    pattern: bound,
    escape: escaped,
    caseInsensitive,
    type: boolean,
    nullable: arg.nullable || bound.nullable,
  };
};

const inList = (arg: Expression, list: readonly Expression[]): InList => ({
  kind: "inList",
  arg,
  list,
  type: boolean,
  nullable: arg.nullable || list.some(({ nullable }) => nullable),
});

/** n within ±100: DuckDB refuses larger numbers in left() and right(). */
const small = (n: Expression): Expression => ({
  kind: "arithmetic",
  op: "mod",
  left: n,
  right: int(101),
  type: int64,
  nullable: true,
});
const int = (value: number): Expression => constant(int64, BigInt(value));
const text = (value: string): Expression => constant(varchar, value);

const check = async (
  types: readonly DataType[],
  build: (...columns: Expression[]) => readonly Expression[],
  rows = randomRows(types, 400, 31),
): Promise<void> => {
  const table = testTable(types, rows);
  expect(await differences(table, build(...columnsOf(table)))).toEqual([]);
};

describe("LIKE", () => {
  const patterns = [
    "",
    "%",
    "%%",
    "abc",
    "abc%",
    "%abc",
    "%a%",
    "a%b",
    "%special%requests%",
    "s%l%s",
    "_",
    "__",
    "%_",
    "a_%",
    "%ö%",
    "_ö_",
    "日_語",
    "%😀%",
    "%😀",
    "a_b",
    "%a_b%",
    "x%y%z_y",
    "%e\u0301%",
    "%%a%%b%%",
  ];
  it("with every kind of constant pattern", () =>
    check([varchar], (a) => patterns.map((pattern) => like(a!, pattern))));
  it("in any case", () => check([varchar], (a) => patterns.map((pattern) => like(a!, pattern, true))));
  it("with patterns from rows", () => check([varchar, varchar], (a, b) => [like(a!, b!), like(a!, b!, true)]));
  it("with an escape character", () =>
    check([varchar], (a) =>
      ["a!%b", "!%", "a!_%", "%!_b", "!!", "a!b%"].map((pattern) => like(a!, pattern, false, "!")),
    ));
  it("rejects a pattern that ends with its escape character", () => {
    const table = testTable([varchar, varchar], [["ab", "ab!"]]);
    const [a, b] = columnsOf(table);
    expect(() => evaluateAll(table, [like(a!, "ab!", false, "!")])).toThrow("must not end with its escape");
    expect(evaluateAll(table, [like(a!, b!, false, "!")])[0]![0]).toMatchObject({
      error: { code: "invalid-argument" },
    });
  });
  it("on long and repetitive texts", async () => {
    const next = random(5);
    const rows = Array.from({ length: 300 }, () => [
      Array.from({ length: Math.floor(next() * 90) }, () => "ab"[Math.floor(next() * 2)]).join(""),
    ]);
    await check(
      [varchar],
      (a) =>
        ["%abab%", "%aaaaaaaa%", "%ab%ba%ab%", "a%b", "%b_a%b", "%aabbaabbaabbaabb%", "%bb%", "%b"].map((pattern) =>
          like(a!, pattern),
        ),
      rows,
    );
  });
});

describe("IN", () => {
  const integers = (count: number): Expression[] =>
    Array.from({ length: count }, (_, i) => constant(int32, i * 7 - 20));
  it("over integers, short and long lists, with and without NULL", () =>
    check(
      [int32],
      (a) => [
        inList(a!, integers(3)),
        inList(a!, integers(50)),
        inList(a!, [...integers(3), constant(int32, null)]),
        inList(a!, [...integers(50), constant(int32, null)]),
        inList(a!, [a!, ...integers(2)]),
      ],
      randomRows([int32], 200, 7).map(([value]) => [value === null ? null : Number(value) % 60]),
    ));
  it("over strings", () =>
    check([varchar, varchar], (a, b) => {
      const words = ["", "a", "abc", "ABC", "äöü", "日本語", "special", "aab"].map(text);
      return [
        inList(a!, words.slice(0, 2)),
        inList(a!, words),
        inList(a!, [...words, constant(varchar, null)]),
        inList(a!, [b!, text("a")]),
      ];
    }));
});

describe("text functions", () => {
  it("measure", () =>
    check([varchar, varchar], (a, b) => [
      call("length", int64, a!),
      call("strlen", int64, a!),
      call("strpos", int64, a!, b!),
      call("starts_with", boolean, a!, b!),
      call("ends_with", boolean, a!, b!),
      call("contains", boolean, a!, b!),
      call("ascii", int32, a!),
      call("unicode", int32, a!),
    ]));
  it("map case", () => check([varchar], (a) => [call("lower", varchar, a!), call("upper", varchar, a!)]));
  it("map the case of every character beyond ASCII as DuckDB does", async () => {
    const characters = Array.from({ length: 0x3000 - 0x80 }, (_, i) => i + 0x80).concat([
      0xa64a, 0xab70, 0x10400, 0x1e900,
    ]);
    await check(
      [varchar],
      (a) => [call("lower", varchar, a!), call("upper", varchar, a!)],
      characters.map((code) => [String.fromCodePoint(code)]),
    );
  });
  it("take parts", () => {
    const counts = [-9223372036854775807n, -5000000000n, -100n, -3n, -2n, -1n, 0n, 1n, 2n, 3n, 5n, 100n, 5000000000n];
    const rows = randomRows([varchar], 40, 9).flatMap(([value]) => counts.map((count): Value[] => [value!, count]));
    return check(
      [varchar, int64],
      (a, n) => [
        call("substring", varchar, a!, n!),
        ...[-2, 0, 1, 3, 1000].map((length) => call("substring", varchar, a!, n!, int(length))),
        ...[-2, 0, 1, 3].map((start) => call("substring", varchar, a!, int(start), n!)),
        call("left", varchar, a!, small(n!)),
        call("right", varchar, a!, small(n!)),
        call("split_part", varchar, a!, text("a"), n!),
        call("split_part", varchar, a!, text(""), n!),
      ],
      rows,
    );
  });
  it("trim", () =>
    check([varchar, varchar], (a, b) =>
      ["trim", "ltrim", "rtrim"].flatMap((name) => [call(name, varchar, a!), call(name, varchar, a!, b!)]),
    ));
  it("edit", () =>
    check([varchar, varchar, varchar], (a, b, c) => [
      call("||", varchar, a!, b!),
      call("||", varchar, a!, b!, c!, text("!")),
      call("concat_ws", varchar, a!, b!, c!, text("")),
      call("replace", varchar, a!, b!, c!),
      call("replace", varchar, a!, text("a"), c!),
      call("translate", varchar, a!, b!, c!),
      call("translate", varchar, a!, text("abcö"), text("xyé")),
      call("reverse", varchar, a!),
      ...[-1, 0, 1, 5].map((n) => call("repeat", varchar, a!, int(n))),
      ...[-1, 0, 3, 20].map((n) => call("lpad", varchar, a!, constant(int32, n), b!)),
      ...[-1, 0, 3, 20].map((n) => call("rpad", varchar, a!, constant(int32, n), b!)),
    ]));
  it("make characters", () =>
    check([int32], (a) => [call("chr", varchar, a!)], [[0x41], [0x20ac], [0x1f600], [-1], [0x110000], [null], [1]]));
});
