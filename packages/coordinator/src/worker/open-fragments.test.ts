import { int32 } from "@headcut/plan";
import { expect, test } from "vitest";
import type { Fragment } from "../cut/fragment.ts";
import { encodeFragment } from "../cut/fragment-codec.ts";
import { openFragments } from "./open-fragments.ts";

const bytesOf = (fragmentId: number): Uint8Array => {
  const fragment: Fragment = {
    fragmentId,
    plan: {
      kind: "values",
      operatorId: 0,
      columns: [{ id: 0, name: "a", type: int32, nullable: false }],
      estimatedRows: 0,
      rows: [],
    },
    inputs: [],
    runs: { kind: "coordinator" },
    output: { kind: "broadcast" },
    repeatable: true,
  };
  return encodeFragment(fragment);
};

test("equal bytes are the same fragment, as long as it is kept", () => {
  const open = openFragments(2);
  const first = open(bytesOf(1));
  expect(first.fragmentId).toBe(1);
  expect(open(bytesOf(1))).toBe(first);
  expect(open(bytesOf(2))).not.toBe(first);
  expect(open(bytesOf(1))).toBe(first);
  open(bytesOf(3));
  expect(open(bytesOf(1))).toBe(first);
  open(bytesOf(4));
  open(bytesOf(5));
  expect(open(bytesOf(1))).not.toBe(first);
  expect(open(bytesOf(1))).toStrictEqual(first);
});

test("what is no fragment is refused every time", () => {
  const open = openFragments();
  for (let i = 0; i < 2; i++) expect(() => open(Buffer.from("{}"))).toThrow();
});
