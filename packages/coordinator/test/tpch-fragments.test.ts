import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeFragment, encodeFragment } from "../src/cut/fragment-codec.ts";
import { printFragments } from "../src/cut/print-fragments.ts";
import { cutTpch } from "./tpch-fragments.ts";

/** The fragments of the 22 queries at scale factor 1 on three nodes. UPDATE_GOLDEN=1 rewrites the files. */
describe("TPC-H fragments", () => {
  for (let query = 1; query <= 22; query++) {
    const name = `q${String(query).padStart(2, "0")}`;
    test(name, () => {
      const { cutUp, placement } = cutTpch(query);
      const file = new URL(`../golden/${name}.txt`, import.meta.url);
      const text = `${printFragments(cutUp, placement)}\n`;
      if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, text);
      expect(existsSync(file), "no golden fragments yet: run with UPDATE_GOLDEN=1").toBe(true);
      expect(text).toBe(readFileSync(file, "utf8"));
    });
  }

  test("fragments travel, in a few kilobytes", () => {
    let largest = 0;
    for (let query = 1; query <= 22; query++) {
      for (const fragment of cutTpch(query).cutUp.fragments) {
        const bytes = encodeFragment(fragment);
        expect(decodeFragment(bytes)).toStrictEqual(fragment);
        largest = Math.max(largest, bytes.length);
      }
    }
    expect(largest).toBeLessThan(20 * 1024);
  });

  test("a fragment does not depend on the shards there are", () => {
    const { cutUp } = cutTpch(1);
    const text = Buffer.concat(cutUp.fragments.map(encodeFragment)).toString();
    expect(text).not.toContain(".parquet");
    expect(text).not.toContain("statistics");
  });
});
