import { describe, expect, it } from "vitest";
import { type CpuProfile, isWork, selfTimes } from "./read-profile.ts";

const frame = (functionName: string, url = "", lineNumber = -1) => ({ functionName, url, lineNumber });
/** Samples at 1000, 1100, 1300, 1600 and 1900 µs. */
const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame("(root)") },
    { id: 2, callFrame: frame("packages/executor/kernels/gather8", "wasm://wasm/0005a66e", 0) },
    { id: 3, callFrame: frame("read", "file:///somewhere/packages/executor/dist/parquet/column-reader.js", 79) },
    { id: 4, callFrame: frame("kernel gather8", "wasm://wasm/0005a66e", 0) },
  ],
  startTime: 900,
  timeDeltas: [100, 100, 200, 300, 300],
  samples: [2, 3, 4, 1, 2],
};
const always = { from: 0, to: Number.POSITIVE_INFINITY };

describe("selfTimes", () => {
  it("adds up a function's samples, each until the next, the hottest first", () => {
    expect(selfTimes([profile], always)).toEqual([
      { name: "kernel gather8", place: "wasm", selfMs: 0.4 },
      { name: "(root)", place: "", selfMs: 0.3 },
      { name: "read", place: "executor/dist/parquet/column-reader.js:80", selfMs: 0.2 },
    ]);
  });

  it("adds up threads", () => {
    const [hottest] = selfTimes([profile, profile], always);
    expect(hottest).toMatchObject({ name: "kernel gather8", selfMs: 0.8 });
  });

  it("leaves out what is not in the span", () => {
    expect(selfTimes([profile], { from: 1100, to: 1300 }).map(({ name }) => name)).toEqual(["read"]);
  });
});

describe("isWork", () => {
  it("is not what a thread does while it waits", () => {
    expect(["(idle)", "atomicsWaitLoop", "read"].map((name) => isWork({ name, place: "", selfMs: 1 }))).toEqual([
      false,
      false,
      true,
    ]);
  });
});
