import { expect, test } from "vitest";
import { drawFault, faultKinds } from "./fault.ts";
import { faultTable } from "./fault-table.ts";
import { seededRandom } from "./random.ts";
import { type FaultyRun, runWithFaults } from "./run-with-faults.ts";

test("a seed gives the same faults, another seed others; all kinds and nodes occur", () => {
  const draw = (seed: number) => {
    const random = seededRandom(seed);
    return Array.from({ length: 100 }, () => drawFault(random, faultKinds, 3, 500));
  };
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
  const faults = draw(1);
  expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(faultKinds));
  expect(new Set(faults.map(({ node }) => node))).toEqual(new Set([0, 1, 2]));
  expect(faults.every(({ afterMs }) => afterMs >= 0 && afterMs < 500)).toBe(true);
});

test("answers are told right, wrong and failed; faults come while the query runs", async () => {
  const suffered: string[] = [];
  let asked = 0;
  const answers = ["warm", "usual", "right", "other", new Error("lost")];
  const runs = await runWithFaults({
    cluster: {
      url: "",
      suffer: async ({ kind }) => {
        suffered.push(kind);
      },
      whole: async () => undefined,
      close: async () => undefined,
    },
    ask: async () => {
      const answer = answers[asked++]!;
      if (answer instanceof Error) throw answer;
      return [[answer]];
    },
    queries: [
      {
        name: "Q",
        sql: "",
        stored: { columns: [], rows: [] },
        compare: (_, rows) => (rows[0]![0] === "right" ? undefined : "row 1 differs"),
      },
    ],
    runs: 3,
    nodes: 3,
    kinds: ["kill"],
    random: seededRandom(1),
    onRun: () => undefined,
  });
  expect(suffered).toEqual(["kill", "kill", "kill"]);
  expect(runs.map(({ outcome }) => outcome)).toEqual([
    { kind: "right" },
    { kind: "wrong", difference: "row 1 differs" },
    { kind: "failed", message: "lost" },
  ]);
});

test("the table counts outcomes by fault", () => {
  const run = (kind: "kill" | "stop", outcome: FaultyRun["outcome"]): FaultyRun => ({
    run: 1,
    query: "Q1",
    fault: { kind, node: 0, afterMs: 1, lastsMs: 2 },
    usualMs: 100,
    elapsedMs: 150,
    outcome,
  });
  const table = faultTable([
    run("kill", { kind: "right" }),
    run("kill", { kind: "failed", message: "m" }),
    run("stop", { kind: "hung" }),
  ]);
  expect(table).toMatchInlineSnapshot(`
    "fault     runs    right    failed    wrong    hung    median delay ms
    kill         2        1         1        0       0               50.0
    stop         1        0         0        0       1                  -
    all          3        1         1        0       1               50.0"
  `);
});
