import { expect, it } from "vitest";
import { knownNodes } from "./known-nodes.ts";

const at = (given: readonly string[]) => {
  const clock = { ms: 0 };
  return { nodes: knownNodes(given, () => clock.ms), clock };
};

it("asks those the user has named in their order, then those that were learnt", () => {
  const { nodes } = at(["a", "b"]);
  nodes.learn(["b", "c", "d"]);
  expect(nodes.inOrder()).toEqual(["a", "b", "c", "d"]);
});

it("stays with the one that answered, and asks one that failed last, for a while", () => {
  const { nodes, clock } = at(["a", "b", "c"]);
  nodes.failed("a");
  expect(nodes.inOrder()).toEqual(["b", "c", "a"]);
  nodes.answered("c");
  expect(nodes.inOrder()).toEqual(["c", "b", "a"]);
  clock.ms = 9_999;
  expect(nodes.inOrder()).toEqual(["c", "b", "a"]);
  clock.ms = 10_000;
  expect(nodes.inOrder()).toEqual(["c", "a", "b"]);
});

it("goes round when all have failed", () => {
  const { nodes, clock } = at(["a", "b", "c"]);
  for (let round = 0; round < 9; round++) {
    clock.ms++;
    expect(nodes.inOrder()[0]).toBe(["a", "b", "c"][round % 3]);
    nodes.failed(nodes.inOrder()[0]!);
  }
});

it("forgets those that nobody names any more", () => {
  const { nodes } = at(["a"]);
  nodes.learn(["a", "b"]);
  nodes.learn(["c"]);
  expect(nodes.inOrder()).toEqual(["a", "c"]);
});
