import { expect, test } from "vitest";
import { choosePlace } from "../../src/coordinate/choose-place.ts";
import { learnWork } from "../../src/cost/learnt-work.ts";
import { fakeCluster, scanOf } from "./fake-cluster.ts";

const parts = { ...fakeCluster().parts, mayRunAlone: true, localFile: <F>(file: F): F => file };
const MEMORY_BYTES = 1e9;

test("a small query is run by a node that has all of its shards", async () => {
  expect(await choosePlace(parts, scanOf("n0+n1", "n0+n2"), MEMORY_BYTES)).toMatchObject({
    kind: "alone",
    splitCount: 2,
  });
  expect(await choosePlace(parts, scanOf("n0+n1", "n1+n2"), MEMORY_BYTES)).toMatchObject({ kind: "spread" });
  const never = { ...parts, mayRunAlone: false };
  expect(await choosePlace(never, scanOf("n0+n1"), MEMORY_BYTES)).toMatchObject({ kind: "spread" });
  // Where nobody else could take part, there is no choice.
  expect(await choosePlace(never, scanOf("n0"), MEMORY_BYTES)).toMatchObject({ kind: "alone" });
});

test("a plan that turned out to be much work is spread when it comes again", async () => {
  const plan = scanOf("n0+n1+n2", "n0+n1+n2", "n0+n1+n2");
  const place = await choosePlace(parts, plan, MEMORY_BYTES);
  if (place.kind !== "alone") throw new Error("not expected to be much work");
  learnWork(plan, 10_000, place.modelMs);
  expect(await choosePlace(parts, plan, MEMORY_BYTES)).toMatchObject({ kind: "spread" });
  const busyElsewhere = parts.view.nodes().map((node) => ({ ...node, load: node.nodeId === "n0" ? 0 : 8 }));
  const busy = { ...parts, view: { ...parts.view, nodes: () => busyElsewhere } };
  expect(await choosePlace(busy, plan, MEMORY_BYTES)).toMatchObject({ kind: "alone" });
});
