import { type DataType, date, double, int32, int64, QueryError, type Value, varchar } from "@headcut/plan";
import { describe, expect, test } from "vitest";
import { checkPartitions, type PartitionFile } from "../../src/shards/check-partitions.ts";
import { hiveFileName, hiveValues, isHiveValue } from "../../src/shards/hive-path.ts";

type Range = readonly [min: Value, max: Value];

const fileOf = (name: string, [min, max]: Range, type: DataType = int64, nullCount = 0): PartitionFile => ({
  path: `lake/${name}`,
  name,
  rowCount: 10,
  columns: [{ name: "k", type, nullable: true, statistics: { min, max, nullCount } }],
});
const keysOf = (ranges: readonly Range[], type?: DataType): readonly (string | undefined)[] => {
  const partitions = checkPartitions(
    "k",
    ranges.map((range, i) => fileOf(`f${i}`, range, type)),
  );
  return ranges.map((_, i) => partitions.get(`f${i}`));
};
const refusal = (files: readonly PartitionFile[]): string => {
  try {
    checkPartitions("k", files);
  } catch (error) {
    if (error instanceof QueryError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "none";
};

describe("the partition of a file", () => {
  test("is its value or its range, in words that are the same for integers of all widths", () => {
    expect(
      keysOf(
        [
          [7, 7],
          [8, 20],
        ] as const,
        int32,
      ),
    ).toEqual(["integer 7", "integer 8 to 20"]);
    expect(
      keysOf(
        [
          [8n, 20n],
          [-7n, -7n],
        ] as const,
        int64,
      ),
    ).toEqual(["integer 8 to 20", "integer -7"]);
    expect(
      keysOf(
        [
          [0, 30],
          [31, 31],
          [2 ** 31 - 1, 2 ** 31 - 1],
        ] as const,
        date,
      ),
    ).toEqual(["date 1970-01-01 to 1970-01-31", "date 1970-02-01", "date day 2147483647"]);
    expect(
      keysOf(
        [
          ["a to", "b"],
          ["n", "n"],
        ] as const,
        varchar,
      ),
    ).toEqual(['text "a to" to "b"', 'text "n"']);
  });

  test("several files may have one value; not a value and a range around it", () => {
    expect(
      keysOf([
        [1n, 1n],
        [2n, 5n],
        [1n, 1n],
      ] as const),
    ).toEqual(["integer 1", "integer 2 to 5", "integer 1"]);
    expect(refusal([fileOf("a", [1n, 5n]), fileOf("b", [6n, 6n]), fileOf("c", [5n, 5n])])).toBe(
      'invalid-argument: lake/a (1 to 5) and lake/c (5) may have equal values of "k"',
    );
    expect(refusal([fileOf("a", [1n, 1n]), fileOf("b", [1n, 6n])])).toMatch(/lake\/a \(1\) and lake\/b \(1 to 6\)/);
  });

  test("texts are apart by their code points, not by their UTF-16 units", () => {
    expect(
      keysOf(
        [
          ["a", "\uff5e"],
          ["\u{1f600}", "\u{1f600}"],
        ] as const,
        varchar,
      ),
    ).toHaveLength(2);
    expect(refusal([fileOf("a", ["a", "\u{1f600}"], varchar), fileOf("b", ["\uff5e", "\uff5e"], varchar)])).toMatch(
      /lake\/a .* and lake\/b/,
    );
  });

  test("is not known without bounds, with NULLs, and of types that are not partitioned by; without rows there is none", () => {
    const bare = { ...fileOf("a", [1n, 1n]), columns: [{ name: "k", type: int64, nullable: true }] };
    expect(refusal([bare])).toMatch(/lake\/a has no statistics of "k"/);
    expect(refusal([fileOf("a", [1n, 2n], int64, 3)])).toMatch(/lake\/a has 3 NULLs in "k"/);
    expect(refusal([fileOf("a", [1, 2], double)])).toMatch(/"k", which is DOUBLE/i);
    expect(refusal([{ ...bare, columns: [] }])).toMatch(/lake\/a has no column "k"/);
    expect(checkPartitions("k", [{ ...bare, rowCount: 0 }]).size).toBe(0);
  });

  test("folders of Hive's kind name values, and set files of one name apart", () => {
    const path = "lake/year=2024/city=S%C3%A3o%20Paulo/part-0.parquet";
    expect([...hiveValues(path)].slice(-2)).toEqual([
      ["year", "2024"],
      ["city", "São Paulo"],
    ]);
    expect(hiveFileName(path)).toBe("year=2024,city=S%C3%A3o%20Paulo,part-0.parquet");
    expect(hiveFileName("lake/part-0.parquet")).toBe("part-0.parquet");
    const is = (kind: "integer" | "date" | "text", min: Value, text: string, max = min): boolean =>
      isHiveValue({ kind, min, max }, text);
    expect([is("integer", 1n, "01"), is("integer", 1, "2"), is("integer", 1, "1", 2), is("integer", 1, "x")]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect([is("date", 31, "1970-02-01"), is("date", 31, "1970-02-02")]).toEqual([true, false]);
    expect([is("text", "a", "a"), is("text", "a", "b")]).toEqual([true, false]);
  });
});
