import { expect, test } from "vitest";
import { parametersKey, recallPlan, rememberPlan } from "./plan-cache.ts";

test("keys tell values and types apart that look alike", () => {
  const keys = [
    [{ type: { kind: "double" }, value: 0 }],
    [{ type: { kind: "double" }, value: -0 }],
    [{ type: { kind: "double" }, value: Number.NaN }],
    [{ type: { kind: "double" }, value: null }],
    [{ type: { kind: "varchar" }, value: "0" }],
    [{ type: { kind: "int32" }, value: 0 }],
    [{ type: { kind: "int64" }, value: 0n }],
    [{ type: { kind: "blob" }, value: new Uint8Array([0]) }],
    [{ type: { kind: "interval" }, value: { months: 0, days: 0, micros: 0n } }],
    { a: { type: { kind: "int32" }, value: 0 } },
  ] as const;
  expect(new Set(keys.map((parameters) => parametersKey(parameters))).size).toBe(keys.length);
});

test("a plan is found by statement, parameters and tables together", () => {
  const statement = {} as Parameters<typeof recallPlan>[0];
  const [a, b] = [{}, {}] as Parameters<typeof recallPlan>[2][number][];
  const planned = { physical: {}, names: ["x"] } as unknown as Parameters<typeof rememberPlan>[3];
  rememberPlan(statement, "k", [a, undefined], planned);
  expect(recallPlan(statement, "k", [a, undefined])?.names).toEqual(["x"]);
  expect(recallPlan(statement, "l", [a, undefined])).toBeUndefined();
  expect(recallPlan(statement, "k", [b, undefined])).toBeUndefined();
  expect(recallPlan({ ...statement }, "k", [a, undefined])).toBeUndefined();
});
