import { int32, type PhysicalPlan, type TableSource } from "@headcut/plan";
import { expect, test } from "vitest";
import { compileQuery } from "./compile-query.ts";
import { rebindScans } from "./rebind-scans.ts";

const scanOf = (source: TableSource, rowCount: number): PhysicalPlan => {
  const column = { id: 0, name: "a", type: int32, nullable: false };
  const table = { name: "t", columns: [{ name: "a", type: int32, nullable: false }], rowCount, source };
  return {
    kind: "scan",
    operatorId: 0,
    columns: [column],
    estimatedRows: 1,
    table,
    alias: "t",
    read: [{ ...column, index: 0 }],
    filters: [],
  };
};

test("the code stays, what is scanned is the plan's; the same source object as long as it is the same", () => {
  const compiled = compileQuery(scanOf({ kind: "memory", tableId: 1 }, 1), ["a"]);
  const source: TableSource = { kind: "memory", tableId: 2 };
  const [first, second] = [rebindScans(compiled, scanOf(source, 7)), rebindScans(compiled, scanOf(source, 7))];
  expect(first.pipelines[0]!.wasm).toBe(compiled.pipelines[0]!.wasm);
  expect(first.pipelines[0]!.source).toMatchObject({ kind: "scan", table: { rowCount: 7, source } });
  expect(second.pipelines[0]!.source).toBe(first.pipelines[0]!.source);
  expect(compiled.pipelines[0]!.source).toMatchObject({ table: { rowCount: 1, source: { tableId: 1 } } });
  const other = rebindScans(compiled, scanOf({ kind: "memory", tableId: 3 }, 7));
  expect(other.pipelines[0]!.source).toMatchObject({ table: { source: { tableId: 3 } } });
});
