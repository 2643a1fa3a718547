import { expect, test } from "vitest";
import { openRetirement } from "./retirement.ts";

const open = (graceMs: number) => {
  const removed: string[] = [];
  const retirement = openRetirement(async (path) => {
    removed.push(path);
  }, graceMs);
  return { removed, ...retirement };
};

test("what has left is gone at once, and removed later", async () => {
  const { leave, isGone, promise, removed } = open(20);
  expect(await leave("a", async () => true)).toBe(true);
  expect(isGone("a")).toBe(true);
  expect(removed).toEqual([]);
  expect(promise("a")).toBe(false);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(removed).toEqual(["a"]);
});

test("what comes back is not removed", async () => {
  const { leave, comeBack, isGone, removed } = open(20);
  await leave("a", async () => true);
  comeBack("a");
  expect(isGone("a")).toBe(false);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(removed).toEqual([]);
});

test("while it is asked whether it may go, nothing is promised; a promise holds for its time", async () => {
  const { leave, promise, isLeaving } = open(50);
  expect(
    await leave("a", async () => {
      expect(isLeaving("a")).toBe(true);
      expect(promise("a")).toBe(false);
      return false;
    }),
  ).toBe(false);
  await expect(leave("a", () => Promise.reject(new Error("no answer")))).rejects.toThrow("no answer");
  expect(promise("a")).toBe(true);
  expect(await leave("a", async () => true)).toBe(false);
  await new Promise((resolve) => setTimeout(resolve, 80));
  expect(await leave("a", async () => true)).toBe(true);
});
