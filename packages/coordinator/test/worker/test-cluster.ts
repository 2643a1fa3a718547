import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engine, openEngine } from "@headcut/executor";
import type { ParquetFile } from "@headcut/plan";
import type { FragmentedPlan } from "../../src/cut/fragment.ts";
import { decodeFragment, encodeFragment } from "../../src/cut/fragment-codec.ts";
import { unitedKeys } from "../../src/exchange/key-set.ts";
import type { Split } from "../../src/placement/split.ts";
import type { MessageStream } from "../../src/rpc/message-stream.ts";
import type { TaskWork } from "../../src/schedule/query-state.ts";
import {
  decodeFromWorker,
  encodeToWorker,
  type FromWorker,
  type Launch,
  type ToWorker,
} from "../../src/worker/messages.ts";
import { openWorker } from "../../src/worker/open-worker.ts";
import type { InputAt } from "../../src/worker/task-codec.ts";
import type { RootRun, Worker, WorkSession } from "../../src/worker/worker.ts";
import { loopbackPeers, type Meddle, streamPair } from "./loopback.ts";

export interface TestNode {
  readonly nodeId: string;
  readonly address: string;
  readonly engine: Engine;
  readonly worker: Worker;
  readonly spill: string;
  /** A stream to the worker; `served` resolves when the worker has ended its side. */
  connect(): { readonly stream: MessageStream; readonly served: Promise<void> };
}

export interface TestCluster {
  readonly nodes: readonly TestNode[];
  close(): Promise<void>;
}

export interface TestClusterOptions {
  readonly nodes: number;
  readonly maxOutputBytes?: number;
  readonly meddle?: Meddle;
  readonly localFile?: (node: number, file: ParquetFile) => ParquetFile | undefined;
  readonly memoryLimitBytes?: number;
}

export const openTestCluster = (options: TestClusterOptions): TestCluster => {
  const folder = mkdtempSync(join(tmpdir(), "headcut-workers-"));
  const workers = new Map<string, Worker>();
  const peers = loopbackPeers(workers, options.meddle);
  const nodes = Array.from({ length: options.nodes }, (_, i): TestNode => {
    const [nodeId, address, spill] = [`node-${i}`, `host-${i}:1`, join(folder, `spill-${i}`)];
    const engine = openEngine({ threads: 1, memoryLimitBytes: options.memoryLimitBytes ?? 256 << 20 });
    const worker = openWorker({
      nodeId,
      engine,
      peers,
      shards: { localFile: (file) => options.localFile?.(i, file) },
      spillDirectory: spill,
      maxOutputBytes: options.maxOutputBytes ?? 64 << 20,
    });
    workers.set(address, worker);
    const connect: TestNode["connect"] = () => {
      const [stream, far] = streamPair();
      return { stream, served: worker.serve(far).catch(() => undefined) };
    };
    return { nodeId, address, engine, worker, spill, connect };
  });
  return {
    nodes,
    close: async () => {
      for (const { worker, engine } of nodes) {
        await worker.close();
        await engine.close();
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Names of all files that outputs have on disk. */
export const spillFiles = ({ nodes }: TestCluster): string[] =>
  nodes.flatMap(({ spill }) => readdirSync(spill).flatMap((name) => readdirSync(join(spill, name))));

/** A stream to a worker: sends and collects. */
export interface Link {
  send(message: ToWorker): Promise<void>;
  /** The attempt's end. */
  ended(attemptId: number): Promise<Exclude<FromWorker, { kind: "heard" }>>;
  readonly heard: FromWorker[];
  readonly stream: MessageStream;
  /** Resolves when the worker has nothing of it any more. */
  readonly served: Promise<void>;
}

export const openLink = (node: TestNode, queryId: string, memoryBytes: number): Link => {
  const { stream: near, served } = node.connect();
  const ends = new Map<number, Exclude<FromWorker, { kind: "heard" }>>();
  const heard: FromWorker[] = [];
  const watchers: (() => void)[] = [];
  void (async () => {
    try {
      for await (const bytes of near) {
        const message = decodeFromWorker(bytes);
        if (message.kind === "heard") heard.push(message);
        else ends.set(message.attemptId, message);
        for (const watcher of watchers.splice(0)) watcher();
      }
    } catch {
      // The stream broke: nothing will be heard of attempts any more.
    }
  })();
  const send = (message: ToWorker): Promise<void> => near.send(encodeToWorker(message));
  void send({ kind: "begin", queryId, memoryBytes });
  return {
    send,
    heard,
    stream: near,
    served,
    ended: async (attemptId) => {
      while (!ends.has(attemptId)) {
        await new Promise<void>((resolve) => {
          watchers.push(resolve);
        });
      }
      return ends.get(attemptId)!;
    },
  };
};

export interface RunOptions {
  readonly queryId: string;
  readonly memoryBytes?: number;
  /** Splits of each scan. */
  readonly splits: ReadonlyMap<number, readonly Split[]>;
  /** Which partition the task of a fragment at the coordinator reads; by default the first. */
  readonly partitionOf?: (fragmentId: number) => number;
}

export interface ClusterQuery {
  readonly run: RootRun;
  readonly reports: Extract<FromWorker, { kind: "finished" }>[];
  end(): Promise<void>;
}

/** Runs all fragments but the root task by task, node i coordinating as node 0; the root is read by the caller. */
export const runFragments = async (
  { nodes }: TestCluster,
  { fragments }: FragmentedPlan,
  { queryId, splits, memoryBytes = 256 << 20, partitionOf = () => 0 }: RunOptions,
): Promise<ClusterQuery> => {
  const [coordinator] = nodes as readonly [TestNode];
  const local: WorkSession = coordinator.worker.local(queryId, memoryBytes);
  const links = nodes.slice(1).map((node) => openLink(node, queryId, memoryBytes));
  const localEnds = new Map<number, (message: Exclude<FromWorker, { kind: "heard" }>) => void>();
  const pump = (async () => {
    for await (const event of local.events) if (event.kind !== "heard") localEnds.get(event.attemptId)!(event);
  })();
  const end = async (): Promise<void> => {
    for (const { stream } of links) stream.end();
    await Promise.all([local.close(), ...links.map(({ served }) => served)]);
    await pump;
  };
  const reports: Extract<FromWorker, { kind: "finished" }>[] = [];
  const outputs = new Map<number, Omit<InputAt, "partition">[]>();
  const inputsOf = (fragmentId: number, partition: number): InputAt[] =>
    [...new Set(fragments[fragmentId]!.inputs.map(({ from }) => from))].flatMap((from) =>
      outputs.get(from)!.map((at) => ({
        ...at,
        partition: fragments[from]!.output.kind === "hash" ? partition : undefined,
      })),
    );
  const keysOf = (attemptId: number) => reports.find((ended) => ended.attemptId === attemptId)!.report.keySets;
  let nextAttempt = 0;
  try {
    for (const fragment of [...fragments].reverse()) {
      if (fragment.output.kind === "result") continue;
      const { fragmentId, runs } = fragment;
      const works: readonly (readonly [number, TaskWork])[] =
        runs.kind === "coordinator"
          ? [[0, { kind: "coordinator" }]]
          : runs.kind === "partitions"
            ? Array.from({ length: runs.count }, (_, index) => [index % nodes.length, { kind: "partition", index }])
            : nodes.map(({ nodeId }, node) => [
                node,
                {
                  kind: "splits",
                  nodeId,
                  fillCache: true,
                  items: runs.scans.flatMap((operatorId) =>
                    splits
                      .get(operatorId)!
                      .filter((_, i) => i % nodes.length === node)
                      .map((split) => ({ operatorId, split })),
                  ),
                },
              ]);
      const bytes = encodeFragment(fragment);
      local.addFragment(decodeFragment(bytes));
      for (const link of links) await link.send({ kind: "fragment", bytes });
      const made = await Promise.all(
        works.map(async ([node, work], taskId) => {
          const attemptId = nextAttempt++;
          const inputs = inputsOf(fragmentId, work.kind === "partition" ? work.index : partitionOf(fragmentId));
          const keySets = fragment.keyInputs?.map(({ from, key }) =>
            unitedKeys(outputs.get(from)!.map((at) => keysOf(at.attemptId)?.[key])),
          );
          const launch: Launch = {
            fragmentId,
            taskId,
            attemptId,
            work,
            inputs,
            ...(keySets && { keySets }),
            streamed: false,
          };
          const ended =
            node === 0
              ? await new Promise<Exclude<FromWorker, { kind: "heard" }>>((resolve) => {
                  localEnds.set(attemptId, resolve);
                  local.launch(launch);
                })
              : await links[node - 1]!.send({ kind: "launch", ...launch }).then(() =>
                  links[node - 1]!.ended(attemptId),
                );
          if (ended.kind === "failed") throw new Error(JSON.stringify(ended.reason));
          reports.push(ended);
          const { nodeId, address } = nodes[node]!;
          return { fragmentId, taskId, attemptId, nodeId, address };
        }),
      );
      outputs.set(fragmentId, made);
    }
    const root = fragments[0]!;
    const names = root.plan.columns.map((_, i) => `c${i}`);
    return { run: local.runRoot(root, inputsOf(0, 0), { names }), reports, end };
  } catch (error) {
    await end();
    throw error;
  }
};
