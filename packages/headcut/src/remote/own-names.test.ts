import { QueryError } from "@headcut/plan";
import { expect, it } from "vitest";
import { ownNames } from "./own-names.ts";

it("knows names for files and names of tables, without regard to case", () => {
  const names = ownNames();
  names.register("Files", ["x.parquet"]);
  names.heard({ tables: ["T"], version: 1 });
  expect(names.all()).toEqual(["Files", "T"]);
  expect(names.registered()).toEqual([{ name: "Files", paths: ["x.parquet"] }]);
  expect(names.hasTable("t")).toBe(true);
  expect(names.unregister("FILES")).toBe(true);
  expect(names.unregister("FILES")).toBe(false);
  expect(names.removeTable("t")).toBe(true);
  expect(names.all()).toEqual([]);
});

it("a table takes over the name of files", () => {
  const names = ownNames();
  names.register("t", ["x.parquet"]);
  names.heard({ tables: ["T"], version: 1 });
  expect(names.all()).toEqual(["T"]);
  expect(names.registered()).toEqual([]);
});

it("older news than the last do not count", () => {
  const names = ownNames();
  names.heard({ tables: ["a", "b"], version: 2 });
  names.heard({ tables: ["a"], version: 1 });
  expect(names.all()).toEqual(["a", "b"]);
  names.heard({ tables: [], version: 3 });
  expect(names.all()).toEqual([]);
});

it("remembers what was lost, until it is made again or forgotten", () => {
  const names = ownNames();
  names.heard({ tables: ["a", "b", "c"], version: 7 });
  names.lose(new QueryError("io", "node-1 is gone"));
  expect(names.all()).toEqual([]);
  expect(names.lossOf(["x"])).toBeUndefined();
  expect(names.lossOf(["x", "B"])).toMatchObject({
    code: "closed",
    message: "table b of this session was lost: node-1 is gone",
  });
  // Another session counts anew.
  names.heard({ tables: ["b"], version: 1 });
  expect(names.lossOf(["b"])).toBeUndefined();
  expect(names.forgetLost("C")).toBe(true);
  expect(names.lossOf(["c"])).toBeUndefined();
  expect(names.lossOf(["a"])).toBeDefined();
  names.register("a", ["x.parquet"]);
  expect(names.lossOf(["a"])).toBeUndefined();
});
