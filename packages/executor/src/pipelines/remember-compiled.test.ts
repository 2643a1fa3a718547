import type { PhysicalPlan } from "@headcut/plan";
import { expect, test } from "vitest";
import { compileQuery } from "./compile-query.ts";
import { rememberCompiled } from "./remember-compiled.ts";

const column = { id: 0, name: "a", type: { kind: "int32" }, nullable: false } as const;
const plan = (): PhysicalPlan => ({
  kind: "values",
  operatorId: 0,
  columns: [column],
  estimatedRows: 0,
  rows: [],
});

test("a plan object is compiled once for the same names; another object, or other names, anew", () => {
  let count = 0;
  const compile = rememberCompiled((...given) => {
    count++;
    return compileQuery(...given);
  });
  const first = plan();
  const made = compile(first, ["a"]);
  expect(compile(first, ["a"])).toBe(made);
  expect(count).toBe(1);
  expect(compile(first, ["b"]).result[0]!.name).toBe("b");
  expect(compile(plan(), ["b"])).not.toBe(made);
  expect(count).toBe(3);
});
