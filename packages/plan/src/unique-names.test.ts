import { expect, test } from "vitest";
import { uniqueNames } from "./unique-names.ts";

test.each([
  [[], []],
  [
    ["a", "b"],
    ["a", "b"],
  ],
  [
    ["a", "A", "a", "a_1"],
    ["a", "A_1", "a_2", "a_1_1"],
  ],
])("%j are told apart as %j", (names, unique) => {
  expect(uniqueNames(names)).toEqual(unique);
});
