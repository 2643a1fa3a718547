import { QueryError } from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { type Fragment, UNBOUND } from "../../src/cut/fragment.ts";
import { decodeFragment, encodeFragment } from "../../src/cut/fragment-codec.ts";
import { attemptFailureOf, InputLost } from "../../src/worker/attempt-failure.ts";
import {
  decodeFromWorker,
  decodeOutputTicket,
  decodeToWorker,
  encodeFromWorker,
  encodeOutputTicket,
  encodeToWorker,
  type FromWorker,
  isOutputTicket,
  type ToWorker,
} from "../../src/worker/messages.ts";

const fragment: Fragment = {
  fragmentId: 3,
  inputs: [],
  runs: { kind: "coordinator" },
  output: { kind: "gather", order: undefined },
  repeatable: true,
  plan: {
    kind: "scan",
    operatorId: 0,
    columns: [],
    estimatedRows: 0,
    alias: "t",
    read: [],
    filters: [],
    table: { name: "t", columns: [], rowCount: 0, source: UNBOUND },
  },
};

const split = {
  file: { path: "shard:///t/a.parquet", sizeBytes: 10, rowCount: 5, identity: "10-ab" },
  firstRowGroup: 0,
  rowGroupCount: Number.MAX_SAFE_INTEGER,
  byteOffset: 4,
  byteLength: 6,
  rowCount: 5,
};

const toWorker: readonly ToWorker[] = [
  { kind: "begin", queryId: "q", memoryBytes: 2 ** 40 },
  { kind: "fragment", bytes: encodeFragment(fragment) },
  {
    kind: "launch",
    fragmentId: 3,
    taskId: 1,
    attemptId: 9,
    work: { kind: "coordinator" },
    inputs: [],
    streamed: false,
  },
  {
    kind: "launch",
    fragmentId: 3,
    taskId: 1,
    attemptId: 9,
    work: { kind: "coordinator" },
    inputs: [],
    keySets: [new Uint8Array([0, 0, 0, 0]), undefined],
    streamed: false,
  },
  {
    kind: "launch",
    fragmentId: 3,
    taskId: 1,
    attemptId: 9,
    work: { kind: "partition", index: 2 },
    inputs: [
      { fragmentId: 4, taskId: 2, attemptId: 7, nodeId: "n", address: "h:1", partition: 2 },
      { fragmentId: 5, taskId: 3, attemptId: 8, nodeId: "n", address: "h:1", partition: undefined },
    ],
    streamed: true,
  },
  {
    kind: "launch",
    fragmentId: 3,
    taskId: 1,
    attemptId: 9,
    work: {
      kind: "splits",
      nodeId: undefined,
      fillCache: false,
      items: [
        { operatorId: 1, split: { ...split, reach: { kind: "held", by: ["n", "m"] } } },
        { operatorId: 2, split: { ...split, reach: { kind: "anywhere" } } },
      ],
    },
    inputs: [],
    streamed: false,
  },
  { kind: "stop", attemptId: 9 },
];

const fromWorker: readonly FromWorker[] = [
  { kind: "heard", attemptId: 1, received: false },
  {
    kind: "finished",
    attemptId: 1,
    complete: false,
    report: {
      rows: 1,
      bytes: 2,
      bytesIn: 3,
      bytesOwn: 4,
      elapsedMs: 5.5,
      cpuMs: 0.1,
      peakBytes: 6,
      operators: [{ operatorId: 3, rows: 7 }],
      scans: [
        {
          operatorId: 3,
          rowsRead: 1,
          bytesRead: 2,
          pagesRead: 3,
          pagesPruned: 4,
          cacheHits: 5,
          cacheMisses: 6,
          rowGroups: 7,
          rowGroupsPruned: 8,
          rowGroupsPrunedByBloomFilter: 9,
          rowsPruned: 10,
          morsels: 11,
        },
      ],
    },
  },
  { kind: "failed", attemptId: 1, reason: { kind: "inputLost", input: 4, why: "cut off" } },
  { kind: "failed", attemptId: 1, reason: { kind: "fatal", failure: { code: "overflow", message: "m", hint: "h" } } },
  { kind: "failed", attemptId: 1, reason: { kind: "elsewhere", failure: { code: "io", message: "m" } } },
];

describe("messages", () => {
  it.each(toWorker)("to a worker: $kind", (message) => {
    expect(decodeToWorker(encodeToWorker(message))).toEqual(message);
  });

  it("carry fragments as they are", () => {
    const message = decodeToWorker(encodeToWorker({ kind: "fragment", bytes: encodeFragment(fragment) }));
    if (message.kind !== "fragment") throw new Error(message.kind);
    expect(decodeFragment(message.bytes)).toEqual(fragment);
  });

  it.each(fromWorker)("from a worker: $kind", (message) => {
    expect(decodeFromWorker(encodeFromWorker(message))).toEqual(message);
  });

  it.each([undefined, 0, 12])("tickets of partition %s", (partition) => {
    const ticket = { kind: "output", queryId: "q", attemptId: 5, partition } as const;
    const bytes = encodeOutputTicket(ticket);
    expect(isOutputTicket(bytes)).toBe(true);
    expect(decodeOutputTicket(bytes)).toEqual(ticket);
    expect(isOutputTicket(encodeToWorker(toWorker[0]!))).toBe(false);
    expect(isOutputTicket(new Uint8Array(0))).toBe(false);
  });

  it("that are no such messages are refused, whatever they are", () => {
    const good = [...toWorker.map(encodeToWorker), ...fromWorker.map(encodeFromWorker)];
    const seen = new Set<string>();
    for (const bytes of good) {
      for (let i = 0; i < bytes.length; i++) {
        const bad = Uint8Array.from(bytes);
        bad[i] = 0x37;
        for (const decode of [decodeToWorker, decodeFromWorker, decodeOutputTicket]) {
          try {
            decode(bad);
            seen.add("decoded");
          } catch (error) {
            expect(error).toBeInstanceOf(QueryError);
            seen.add((error as QueryError).code);
          }
        }
      }
    }
    expect([...seen].sort()).toEqual(["decoded", "io", "unsupported"]);
  });
});

describe("failures of attempts", () => {
  it.each([
    ["overflow", "fatal"],
    ["conversion", "fatal"],
    ["corrupt-file", "fatal"],
    ["unsupported", "fatal"],
    ["out-of-memory", "fatal"],
    ["too-many-rows", "fatal"],
    ["io", "elsewhere"],
    ["closed", "elsewhere"],
    ["cancelled", "elsewhere"],
  ] as const)("%s: %s", (code, kind) => {
    expect(attemptFailureOf(new QueryError(code, "why", { hint: "do" }))).toEqual({
      kind,
      failure: { code, message: "why", hint: "do" },
    });
  });

  it("of inputs name the input; of the system are of the node; bugs are everywhere", () => {
    expect(attemptFailureOf(new InputLost(7, "gone", undefined))).toEqual({ kind: "inputLost", input: 7, why: "gone" });
    const system = Object.assign(new Error("EMFILE: too many open files"), { syscall: "open", code: "EMFILE" });
    expect(attemptFailureOf(system)).toMatchObject({ kind: "elsewhere", failure: { code: "io" } });
    expect(attemptFailureOf(new TypeError("x is undefined"))).toMatchObject({ kind: "fatal" });
    expect(attemptFailureOf("odd")).toMatchObject({ kind: "fatal", failure: { message: "odd" } });
  });
});
