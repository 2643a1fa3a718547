// What operators build on: predicates, CASE, equality, order and hashes, constants, copies of strings.
import {
  and,
  boolean,
  type Case,
  cast,
  compare,
  constant,
  type DataType,
  date,
  decimal,
  double,
  type Expression,
  float,
  int32,
  int64,
  interval,
  isNull,
  not,
  or,
  timestamp,
  typeName,
  uint64,
  uuid,
  type Value,
  varchar,
} from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { CodeModule } from "../../src/expressions/code-module.ts";
import { emitEquals, emitSortCompare } from "../../src/expressions/comparison.ts";
import { compileExpression, compilePredicate } from "../../src/expressions/compile-expression.ts";
import { emitHash } from "../../src/expressions/hash.ts";
import type { ExpressionScope } from "../../src/expressions/scope.ts";
import { emitCopyString, emitStore } from "../../src/expressions/storage-access.ts";
import { threadContext } from "../../src/layout/context.ts";
import { ModuleBuilder } from "../../src/wasm/module-builder.ts";
import { Machine, placeColumns, rowScope } from "./machine.ts";
import { columnsOf, differences, evaluateAll, type TestTable, testTable } from "./oracle.ts";
import { randomRows } from "./random-values.ts";

/** Runs code that leaves an i32 or i64 for each row. */
const perRow = (
  table: TestTable,
  result: "i32" | "i64",
  emit: (scope: ExpressionScope, columns: readonly Expression[]) => void,
): (number | bigint)[] => {
  const machine = new Machine();
  const placed = placeColumns(machine, table.columns);
  const { exports } = machine.load((module) => {
    const fn = module.builder.exportFunction("f", ["i32", "i32"], [result]);
    emit(rowScope(fn, module, placed), columnsOf(table));
  });
  return Array.from({ length: table.rowCount }, (_, row) => exports.f!(machine.context, row));
};

const caseOf = (
  type: DataType,
  branches: readonly (readonly [Expression, Expression])[],
  otherwise: Expression,
): Case => ({
  kind: "case",
  branches: branches.map(([when, then]) => ({ when, then })),
  otherwise,
  type,
  nullable: otherwise.nullable || branches.some(([, then]) => then.nullable),
});

describe("predicates", () => {
  it("are 1 exactly where the expression is TRUE", () => {
    const table = testTable([int32, int32, varchar], randomRows([int32, int32, varchar], 500, 71));
    const [a, b, c] = columnsOf(table) as [Expression, Expression, Expression];
    const x = compare("lt", a, b);
    const y = compare("eq", c, constant(varchar, "abc"));
    const z = compare("ge", a, constant(int32, 10));
    const predicates = [
      x,
      not(x),
      and(x, y, z),
      or(x, y, z),
      not(and(x, or(y, not(z)))),
      not(or(x, y)),
      and(isNull(a), not(y)),
      not(compare("notDistinct", a, b)),
      or(and(x, z), and(y, not(z))),
      constant(boolean, null),
      constant(boolean, true),
    ];
    const values = evaluateAll(table, predicates);
    predicates.forEach((predicate, i) => {
      const ours = perRow(table, "i32", (scope) => compilePredicate(predicate, scope));
      expect(ours).toEqual(values[i]!.map((outcome) => ("value" in outcome && outcome.value === true ? 1 : 0)));
    });
  });
  it("stop at the argument that decides, so that a guard keeps the next one from failing", () => {
    const table = testTable([varchar], [["12"], ["abc"], ["5"]]);
    const [text] = columnsOf(table);
    const guard = compare("ne", text!, constant(varchar, "abc"));
    const large = compare("gt", cast(text!, int32), constant(int32, 10));
    expect(perRow(table, "i32", (scope) => compilePredicate(and(guard, large), scope))).toEqual([1, 0, 0]);
    expect(perRow(table, "i32", (scope) => compilePredicate(or(not(guard), large), scope))).toEqual([1, 1, 0]);
    expect(() => perRow(table, "i32", (scope) => compilePredicate(and(large, guard), scope))).toThrow(
      "cannot convert 'abc'",
    );
  });
});

describe("CASE", () => {
  it("gives the first branch that is TRUE", async () => {
    const table = testTable([int32, varchar, decimal(38, 2)], randomRows([int32, varchar, decimal(38, 2)], 300, 72));
    const [a, b, c] = columnsOf(table) as [Expression, Expression, Expression];
    const positive = compare("gt", a, constant(int32, 0));
    expect(
      await differences(table, [
        caseOf(
          varchar,
          [
            [positive, b],
            [isNull(a), constant(varchar, "none")],
          ],
          constant(varchar, null),
        ),
        caseOf(
          decimal(38, 2),
          [
            [positive, c],
            [compare("lt", a, constant(int32, -5)), constant(decimal(38, 2), 5n)],
          ],
          c,
        ),
        caseOf(int32, [[constant(boolean, null), a]], constant(int32, 7)),
      ]),
    ).toEqual([]);
  });
  it("evaluates only the branch it takes", () => {
    const table = testTable([varchar], [["12"], ["abc"]]);
    const [text] = columnsOf(table);
    const expression = caseOf(
      int32,
      [[compare("ne", text!, constant(varchar, "abc")), cast(text!, int32)]],
      constant(int32, -1),
    );
    expect(evaluateAll(table, [expression])[0]).toEqual([{ value: 12 }, { value: -1 }]);
  });
});

const KEYS: readonly DataType[] = [
  boolean,
  int32,
  int64,
  uint64,
  decimal(18, 2),
  decimal(38, 2),
  float,
  double,
  date,
  timestamp,
  interval,
  varchar,
  uuid,
];

describe.each(KEYS.map((type) => [typeName(type), type] as const))("keys of %s", (_, type) => {
  const table = testTable([type, type], randomRows([type, type], 600, 73));
  const value = (scope: ExpressionScope, column: Expression) => compileExpression(column, scope);
  const [first, second] = table.columns as [TestTable["columns"][number], TestTable["columns"][number]];

  it("hash equal where they are equal", () => {
    const [a, b] = [0, 1].map((side) =>
      perRow(table, "i64", (scope, columns) => emitHash(scope, [value(scope, columns[side]!)], [type])),
    );
    const equal = perRow(table, "i32", (scope, columns) =>
      emitEquals(scope, value(scope, columns[0]!), value(scope, columns[1]!), type, true),
    );
    equal.forEach((same, row) => {
      if (same === 1) expect(a![row]).toBe(b![row]);
    });
    // Different values rarely collide: here never.
    const distinct = new Map<bigint, number>();
    let collisions = 0;
    first.values.forEach((_value, row) => {
      const seen = distinct.get(a![row] as bigint);
      if (seen === undefined) distinct.set(a![row] as bigint, row);
      else if (show(first.values[seen]!) !== show(first.values[row]!)) collisions++;
    });
    if (type.kind !== "interval" && type.kind !== "float" && type.kind !== "double") expect(collisions).toBe(0);
  });
  it("are equal only if not NULL, unless null-safe", () => {
    const strict = perRow(table, "i32", (scope, columns) =>
      emitEquals(scope, value(scope, columns[0]!), value(scope, columns[1]!), type, false),
    );
    const safe = perRow(table, "i32", (scope, columns) =>
      emitEquals(scope, value(scope, columns[0]!), value(scope, columns[1]!), type, true),
    );
    first.values.forEach((a, row) => {
      const b = second.values[row]!;
      if (a === null || b === null) {
        expect(strict[row]).toBe(0);
        expect(safe[row]).toBe(a === b ? 1 : 0);
      } else {
        expect(safe[row]).toBe(strict[row]);
      }
    });
  });
  it("are ordered totally, with NULL where it is asked for", () => {
    for (const descending of [false, true]) {
      for (const nullsFirst of [false, true]) {
        const compared = (x: number, y: number) =>
          perRow(table, "i32", (scope, columns) =>
            emitSortCompare(scope, value(scope, columns[x]!), value(scope, columns[y]!), type, {
              descending,
              nullsFirst,
            }),
          );
        const forwards = compared(0, 1);
        const backwards = compared(1, 0);
        expect(compared(0, 0).every((order) => order === 0)).toBe(true);
        forwards.forEach((order, row) => {
          expect(Math.sign(Number(order))).toBe(-Math.sign(Number(backwards[row])) + 0);
          const [a, b] = [first.values[row]!, second.values[row]!];
          if (a === null && b !== null) expect(Math.sign(Number(order))).toBe(nullsFirst ? -1 : 1);
        });
      }
    }
  });
});

const show = (value: Value): string =>
  value instanceof Uint8Array
    ? Buffer.from(value).toString("hex")
    : typeof value === "object" && value !== null
      ? `${value.months} ${value.days} ${value.micros}`
      : String(value);

describe("constants", () => {
  const compiled = (
    name: string,
    list: readonly number[],
    price: bigint,
  ): { bytes: Uint8Array; module: CodeModule } => {
    const module = new CodeModule(new ModuleBuilder());
    const fn = module.builder.exportFunction("f", ["i32"], ["i32"]);
    const scope: ExpressionScope = {
      fn,
      module,
      context: fn.params[0]!,
      operatorId: 0,
      column: () => {
        throw new Error("none");
      },
    };
    const text: Expression = {
      kind: "call",
      name: "lower",
      args: [constant(varchar, name)],
      type: varchar,
      nullable: false,
    };
    const like: Expression = {
      kind: "like",
      arg: text,
      pattern: constant(varchar, `%${name}%`),
      escape: undefined,
      caseInsensitive: false,
      type: boolean,
      nullable: false,
    };
    const inList: Expression = {
      kind: "inList",
      arg: constant(int32, 5),
      list: list.map((value) => constant(int32, value)),
      type: boolean,
      nullable: false,
    };
    compilePredicate(
      and(like, inList, compare("lt", constant(decimal(38, 2), price), constant(decimal(38, 2), 7n))),
      scope,
    );
    return { bytes: module.builder.finish(), module };
  };
  it("are not in the code: modules that differ in them alone are equal", () => {
    const one = compiled(
      "a",
      Array.from({ length: 20 }, (_, i) => i),
      5n,
    );
    const two = compiled(
      "something longer",
      Array.from({ length: 500 }, (_, i) => i * 3),
      -(10n ** 30n),
    );
    expect(Buffer.compare(one.bytes, two.bytes)).toBe(0);
    expect(one.module.constants.bytes.length).toBeLessThan(two.module.constants.bytes.length);
  });
});

describe("copies of strings", () => {
  it("have the bytes, in the arena", () => {
    const words = ["", "a", "日本語", "x".repeat(100_000), null];
    const table = testTable(
      [varchar],
      words.map((word) => [word]),
    );
    const machine = new Machine();
    const placed = placeColumns(machine, table.columns);
    const out = machine.allocate(16);
    const { exports } = machine.load((module) => {
      const fn = module.builder.exportFunction("f", ["i32", "i32"], ["i32"]);
      const scope = rowScope(fn, module, placed);
      const arena = fn.local("i32");
      fn.get(scope.context);
      fn.mem("i32.load", threadContext.arena);
      fn.set(arena);
      const copy = emitCopyString(scope, compileExpression(columnsOf(table)[0]!, scope), arena);
      const address = fn.local("i32");
      fn.i32(out);
      fn.set(address);
      emitStore(fn, copy, address);
      fn.get(copy.isNull!);
    });
    const copies = words.map(
      (_, row): Value => (exports.f!(machine.context, row) === 1 ? null : machine.read(varchar, out)),
    );
    expect(copies).toEqual(words);
  });
});
