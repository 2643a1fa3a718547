import type { EncodedBatch, QueryMetrics } from "@headcut/executor";
import { type PhysicalPlan, QueryError } from "@headcut/plan";
import type { NodesView, ViewChange, ViewNode } from "../../src/coordinate/nodes-view.ts";
import { openAdmission } from "../../src/coordinate/open-admission.ts";
import type { QueryParts } from "../../src/coordinate/query-parts.ts";
import type { Split } from "../../src/placement/split.ts";
import type { MessageStream } from "../../src/rpc/message-stream.ts";
import type { Peer } from "../../src/rpc/peer.ts";
import { decodeToWorker, encodeFromWorker, type FromWorker, type Launch } from "../../src/worker/messages.ts";
import type { RootRun, WorkSession } from "../../src/worker/worker.ts";

/** What a fake worker does with an attempt. */
export type Behaviour = (launch: Launch, nodeId: string) => FromWorker | "break" | undefined;

export interface FakeCluster {
  readonly parts: QueryParts;
  /** Every launch there was: `node fragment`. */
  readonly launches: string[];
  /** Streams that are open. */
  readonly open: Set<string>;
  streams: number;
  behave: Behaviour;
  /** What the root does when it is run for the nth time. */
  root: (run: number) => { readonly received: Promise<void>; readonly rows: AsyncIterable<EncodedBatch> };
  change(change: ViewChange): void;
}

const REPORT = {
  rows: 1,
  bytes: 10,
  bytesIn: 3,
  bytesOwn: 4,
  elapsedMs: 1,
  cpuMs: 1,
  peakBytes: 5,
  operators: [{ operatorId: 0, rows: 7 }],
  scans: [],
};

export const finished = ({ attemptId }: Launch): FromWorker => ({
  kind: "finished",
  attemptId,
  report: REPORT,
  complete: true,
});

/** What reports are made of. */
const METRICS = {
  totalMs: 1,
  operatorRows: [],
  pipelines: [],
  scans: [],
  peakBytes: 0,
  resultRows: 1,
  resultBytes: 1,
} as Partial<QueryMetrics> as QueryMetrics;

export const someRows = async function* (count = 1): AsyncGenerator<EncodedBatch> {
  for (let i = 0; i < count; i++) {
    const values = new Uint8Array(4);
    yield { rowCount: 1, columns: [{ nullCount: 0, validity: undefined, offsets: undefined, values }] };
  }
};

/** Nodes `n0` (which coordinates), `n1`, `n2`; each file of the plan is one split, held by the nodes in its path: `n1+n2`. */
export const fakeCluster = (): FakeCluster => {
  const listeners = new Set<(change: ViewChange) => void>();
  const nodes: ViewNode[] = ["n0", "n1", "n2"].map((nodeId) => ({
    nodeId,
    address: `${nodeId}:1`,
    weight: 1,
    load: 0,
    draining: false,
    startedAt: 1,
  }));
  const view: NodesView = {
    nodes: () => nodes,
    heardAt: () => performance.now(),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  let runs = 0;

  const openStream = (nodeId: string): MessageStream => {
    const name = `${nodeId} ${fake.streams++}`;
    fake.open.add(name);
    const queue: Uint8Array[] = [];
    let ended: Error | "well" | undefined;
    let wake: () => void = () => undefined;
    const end = (how: Error | "well"): void => {
      ended ??= how;
      fake.open.delete(name);
      wake();
    };
    return {
      send: async (bytes) => {
        const message = decodeToWorker(bytes);
        if (message.kind !== "launch") return;
        fake.launches.push(`${nodeId} ${message.fragmentId}`);
        const answer = fake.behave(message, nodeId);
        if (answer === "break") end(new QueryError("io", `the stream to ${nodeId} broke`));
        else if (answer !== undefined) queue.push(encodeFromWorker(answer));
        wake();
      },
      end: () => end("well"),
      cancel: (reason) => end(reason ?? new QueryError("cancelled", "cancelled")),
      async *[Symbol.asyncIterator]() {
        for (;;) {
          for (let next = queue.shift(); next !== undefined; next = queue.shift()) yield next;
          if (ended === "well") return;
          if (ended !== undefined) throw ended;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      },
    };
  };

  const session = (queryId: string): WorkSession => {
    const queue: FromWorker[] = [];
    let closed = false;
    let wake: () => void = () => undefined;
    return {
      queryId,
      events: (async function* () {
        while (!closed) {
          for (let next = queue.shift(); next !== undefined; next = queue.shift()) yield next;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      })(),
      addFragment: () => undefined,
      launch: (launch) => {
        fake.launches.push(`n0 ${launch.fragmentId}`);
        const answer = fake.behave(launch, "n0");
        if (answer !== undefined && answer !== "break") queue.push(answer);
        wake();
      },
      stop: () => undefined,
      runRoot: (): RootRun => {
        const { received, rows } = fake.root(runs++);
        received.catch(() => undefined);
        const unused = (): never => {
          throw new Error("not used");
        };
        return {
          columns: [],
          schema: unused,
          [Symbol.asyncIterator]: unused,
          encodedBatches: () => rows,
          cancel: async () => undefined,
          metrics: received.then(() => METRICS),
          received,
          inputBytes: () => ({ bytesIn: 1, bytesOwn: 2 }),
        };
      },
      close: async () => {
        closed = true;
        wake();
      },
    };
  };

  const fake: FakeCluster = {
    launches: [],
    open: new Set(),
    streams: 0,
    behave: finished,
    root: () => ({ received: Promise.resolve(), rows: someRows() }),
    change: (change) => {
      for (const listener of [...listeners]) listener(change);
    },
    parts: {
      nodeId: "n0",
      engine: {
        threads: 1,
        running: () => 0,
        execute: () => {
          throw new Error("the engine is not used");
        },
      },
      worker: { local: session },
      peers: { peer: (address) => ({ open: () => openStream(address.split(":")[0]!) }) as unknown as Peer },
      view,
      localFile: () => undefined,
      splitsOf: async (file): Promise<readonly Split[]> => [
        {
          file,
          firstRowGroup: 0,
          rowGroupCount: 1,
          byteOffset: 0,
          byteLength: 1,
          rowCount: 1,
          reach: { kind: "held", by: file.path.split("+") },
        },
      ],
      admission: openAdmission(1e9, 10),
      schedule: { backoffMs: 10, silenceMs: 500 },
      mayRunAlone: false,
      bytesPerNode: 1,
    },
  };
  return fake;
};

/** A scan of files that are held by the nodes in their paths. */
export const scanOf = (...paths: readonly string[]): PhysicalPlan => {
  const column = { name: "a", type: { kind: "int32" }, nullable: false } as const;
  const files = paths.map((path) => ({ path, sizeBytes: 1, rowCount: 1, identity: "1" }));
  return {
    kind: "scan",
    operatorId: 0,
    columns: [{ ...column, id: 0 }],
    estimatedRows: 1,
    table: { name: "t", columns: [column], rowCount: files.length, source: { kind: "parquet", files } },
    alias: "t",
    read: [{ ...column, id: 0, index: 0 }],
    filters: [],
  };
};
