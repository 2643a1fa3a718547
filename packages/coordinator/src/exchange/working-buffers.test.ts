import { expect, test } from "vitest";
import { workingBuffers } from "./working-buffers.ts";

test("what was given is taken again, by whoever wants as much", () => {
  const { take, give } = workingBuffers();
  const first = take(5000);
  expect(first.length).toBe(8192);
  const second = take(5000);
  expect(second).not.toBe(first);
  give(first);
  expect(take(8193)).not.toBe(first);
  expect(take(4097)).toBe(first);
  expect(take(4097)).not.toBe(first);
});

test("no more is kept than is allowed, nothing empty, nothing huge", () => {
  const { take, give } = workingBuffers(4096 + 8192);
  const [small, large, other] = [take(1), take(8192), take(1)];
  for (const buffer of [small, large, other]) give(buffer);
  expect(take(1)).toBe(small);
  expect(take(8192)).toBe(large);
  expect(take(1)).not.toBe(other);
  give(new Uint8Array(0));
  const huge = take(5 << 20);
  give(huge);
  expect(take(5 << 20)).not.toBe(huge);
});
