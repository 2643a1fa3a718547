import { expect, test } from "vitest";
import { didYouMean, editDistance, suggest } from "./suggest.ts";

test("edit distance counts insertions, deletions, substitutions and swaps of neighbours", () => {
  expect(editDistance("", "")).toBe(0);
  expect(editDistance("", "abc")).toBe(3);
  expect(editDistance("abc", "")).toBe(3);
  expect(editDistance("kitten", "sitting")).toBe(3);
  expect(editDistance("form", "from")).toBe(1);
  expect(editDistance("selct", "select")).toBe(1);
});

test("the nearest candidate is suggested, whatever its case", () => {
  expect(suggest("ordrs", ["lineitem", "orders", "part"])).toBe("orders");
  expect(suggest("L_ORDERKY", ["l_partkey", "l_orderkey"])).toBe("l_orderkey");
  expect(suggest("custmer", ["Customer", "supplier"])).toBe("Customer");
});

test("nothing far away is suggested", () => {
  expect(suggest("region", ["nation", "part"])).toBeUndefined();
  expect(suggest("a", ["b", "c"])).toBeUndefined();
  expect(suggest("ab", [])).toBeUndefined();
});

test("of equally near candidates the first wins", () => {
  expect(suggest("cat", ["bat", "rat"])).toBe("bat");
});

test("the hint is a question", () => {
  expect(didYouMean("ordrs", ["orders"])).toBe("did you mean orders?");
  expect(didYouMean("zebra", ["orders"])).toBeUndefined();
});
