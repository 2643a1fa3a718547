import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { QueryError } from "@headcut/plan";
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import type { MessageStream } from "../../src/rpc/message-stream.ts";
import type { Peer, Peers } from "../../src/rpc/peer.ts";
import type { ClusterCatalog } from "../../src/shards/cluster-catalog.ts";
import { openClusterCatalog } from "../../src/shards/open-cluster-catalog.ts";
import { openShardStore } from "../../src/shards/open-shard-store.ts";
import { shardServices } from "../../src/shards/shard-services.ts";
import type { ShardStore } from "../../src/shards/shard-store.ts";

/** Nodes that share this process, each with a folder of its own. */
export interface FakeNode {
  readonly nodeId: string;
  readonly directory: string;
  readonly shards: ShardStore;
  readonly catalog: ClusterCatalog;
  /** Calls it has answered, by method. */
  readonly answered: string[];
  isAlive: boolean;
  /** Answers nothing, and does not say so. */
  isStopped: boolean;
  /** Is said to live, and cannot be reached. */
  isRefusing: boolean;
  /** It has been started and knows nobody. */
  isJoining: boolean;
}

export interface FakeCluster {
  readonly nodes: FakeNode[];
  readonly peers: { peer: Peers["peer"]; close(): void };
  /** Another node, with an empty folder unless one is given. */
  add(directory?: string): Promise<FakeNode>;
  remove(): void;
}

export const fakeCluster = async (count: number): Promise<FakeCluster> => {
  const root = mkdtempSync(join(tmpdir(), "headcut-shards-"));
  const nodes: FakeNode[] = [];
  const services = new Map<string, ReturnType<typeof shardServices>>();
  const context = {
    signal: new AbortController().signal,
    peer: "test",
    header: () => undefined,
    setHeader: () => undefined,
  };

  const answer = async (address: string, method: string): Promise<ReturnType<typeof shardServices>> => {
    const node = nodes.find(({ nodeId }) => nodeId === address)!;
    await Promise.resolve();
    if (!node.isAlive || node.isRefusing) throw new QueryError("io", `cannot reach ${address}`);
    if (node.isStopped) await new Promise(() => undefined);
    node.answered.push(method);
    return services.get(address)!;
  };
  const peer = (address: string): Peer =>
    ({
      address,
      call: async (method: string, body: Uint8Array) => (await answer(address, method)).calls[method]!(body, context),
      open: (method: string) => {
        const [near, far] = streamPair();
        answer(address, method)
          .then((service) => service.streams[method]!(far, context))
          .then(far.end, far.cancel);
        return near;
      },
    }) as unknown as Peer;
  const peers = { peer, close: () => undefined };

  const add = async (given?: string): Promise<FakeNode> => {
    const nodeId = `node-${nodes.length + 1}`;
    const directory = given ?? join(root, nodeId);
    const shards = await openShardStore(directory);
    const state = { isAlive: true, isStopped: false, isRefusing: false, isJoining: false };
    const catalog = openClusterCatalog({
      nodeId,
      shards,
      peers: () =>
        state.isJoining
          ? []
          : nodes.filter((node) => node.nodeId !== nodeId).map((node) => ({ ...node, address: node.nodeId })),
      isJoining: () => state.isJoining,
      call: (address, method, body) => peer(address).call(method, body),
    });
    nodes.push(Object.assign(state, { nodeId, directory, shards, catalog, answered: [] }));
    services.set(
      nodeId,
      shardServices({
        shards,
        catalog,
        nodes: () =>
          nodes.filter((one) => one.isAlive).map((one) => ({ nodeId: one.nodeId, address: one.nodeId, weight: 1 })),
      }),
    );
    return nodes.at(-1)!;
  };
  for (let i = 0; i < count; i++) await add();
  return {
    nodes,
    peers,
    add,
    remove: () => {
      for (const { catalog } of nodes) catalog.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
};

/** Two ends of one stream, without any room: a send waits until the other side reads. */
const streamPair = (): [MessageStream, MessageStream] => {
  const there = channel();
  const back = channel();
  const end = (out: Channel, own: Channel): MessageStream => ({
    send: out.send,
    end: out.end,
    cancel: (reason = new QueryError("cancelled", "the stream was cancelled")) => {
      out.fail(reason);
      own.fail(reason);
    },
    [Symbol.asyncIterator]: own.read,
  });
  return [end(there, back), end(back, there)];
};

interface Channel {
  send(message: Uint8Array): Promise<void>;
  end(): void;
  fail(reason: Error): void;
  read(): AsyncGenerator<Uint8Array, void, undefined>;
}

const channel = (): Channel => {
  const waiting: { readonly message: Uint8Array; readonly taken: () => void }[] = [];
  let ended = false;
  let failure: Error | undefined;
  let wake = (): void => undefined;
  return {
    send: (message) => {
      if (failure !== undefined) return Promise.reject(failure);
      const copy = Uint8Array.from(message);
      return new Promise((taken) => {
        waiting.push({ message: copy, taken });
        wake();
      });
    },
    end: () => {
      ended = true;
      wake();
    },
    fail: (reason) => {
      failure ??= reason;
      for (const { taken } of waiting) taken();
      wake();
    },
    async *read() {
      for (;;) {
        const next = waiting.shift();
        if (next !== undefined) {
          next.taken();
          yield next.message;
        } else if (failure !== undefined) throw failure;
        else if (ended) return;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
  };
};

/** A Parquet file with the columns `id` (first, first + 1, …) and `word`. */
export const writeShard = (path: string, first: number, rows: number, columns?: ColumnSource[]): Uint8Array => {
  const ids = Array.from({ length: rows }, (_, i) => first + i);
  const columnData = columns ?? [
    { name: "id", data: ids, type: "INT32", nullable: false },
    { name: "word", data: ids.map((id) => `word ${id % 7}`), type: "STRING", nullable: true },
  ];
  const bytes = new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: [1000] }));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return bytes;
};
