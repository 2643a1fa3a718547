import { expect, test } from "vitest";
import { workingBuffers } from "./working-buffers.ts";

test("what was given is taken again, by whoever wants as much", () => {
  const { take, give } = workingBuffers();
  const first = take(5000);
  expect(first.length).toBe(8192);
  const second = take(5000);
  expect(second === first).toBe(false);
  give(first);
  expect(take(8193) === first).toBe(false);
  expect(take(4097) === first).toBe(true);
  expect(take(4097) === first).toBe(false);
});

test("no more is kept than is allowed, nothing empty, nothing huge", () => {
  const { take, give } = workingBuffers(4096 + 8192);
  const [small, large, other] = [take(1), take(8192), take(1)];
  for (const buffer of [small, large, other]) give(buffer);
  expect(take(1) === small).toBe(true);
  expect(take(8192) === large).toBe(true);
  expect(take(1) === other).toBe(false);
  give(new Uint8Array(0));
  const huge = take(5 << 20);
  give(huge);
  expect(take(5 << 20) === huge).toBe(false);
});
