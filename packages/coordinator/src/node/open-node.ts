import { QueryError } from "@headcut/plan";
import { openAdmission } from "../coordinate/open-admission.ts";
import { openCoordinator } from "../coordinate/open-coordinator.ts";
import type { FlightService } from "../flight/flight-service.ts";
import { openPeers } from "../rpc/open-peers.ts";
import { openServer } from "../rpc/open-server.ts";
import type { RpcServer } from "../rpc/server-options.ts";
import { openClusterCatalog } from "../shards/open-cluster-catalog.ts";
import { shardServices } from "../shards/shard-services.ts";
import { decodeOutputTicket, isOutputTicket } from "../worker/messages.ts";
import { openWorker } from "../worker/open-worker.ts";
import { advertisedAddress } from "./advertised-address.ts";
import type { ClusterNodeHandle } from "./cluster-node-handle.ts";
import { counted, countingPeers } from "./count-exchange.ts";
import { type MembershipLoop, openMembershipLoop } from "./membership-loop.ts";
import type { NodeOptions } from "./node-options.ts";
import { type NodeState, nodeStatus } from "./node-status.ts";
import { type SeedWatch, watchSeeds } from "./watch-seeds.ts";

const MIB = 1024 * 1024;
const DEFAULT_MAX_OUTPUT_BYTES = 256 * MIB;
const DEFAULT_MAX_QUEUED = 256;
const DEFAULT_BYTES_PER_NODE = 4 * MIB;
/** Of the engine's memory; the rest is for its cache and for what estimates forget. */
const QUERY_PART = 0.9;
const DEFAULT_DRAIN_MS = 60_000;
const CLOSE_GRACE_MS = 500;
const IDLE_EVERY_MS = 50;

/**
 * Starts a node: it answers at its address, joins the others it finds, runs what they ask for, and coordinates what clients ask. Resolves
 * when it listens; others may take a heartbeat to know it. Throws QueryError "io" when the port cannot be had, "invalid-argument".
 */
export const openNode = async (options: NodeOptions): Promise<ClusterNodeHandle> => {
  const { nodeId, clusterName, security, engine, shards } = options;
  const startedAt = new Date();
  const incarnation = startedAt.getTime();
  const freeAtStart = engine.freeBytes();
  const memoryBytes = Math.floor(options.memoryBytes ?? freeAtStart * QUERY_PART);
  const peers = openPeers(security);
  const exchange = { bytesIn: 0, bytesOut: 0 };
  const worker = openWorker({
    nodeId,
    engine,
    shards,
    peers: countingPeers(peers, exchange),
    spillDirectory: options.spillDirectory,
    maxOutputBytes: options.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES,
  });
  let state: NodeState = "starting";
  let loop: MembershipLoop | undefined;
  let server: RpcServer | undefined;
  let seeds: SeedWatch | undefined;
  let address = options.listen;

  const catalog = (options.catalog ?? openClusterCatalog)({
    nodeId,
    shards,
    peers: () =>
      [...(loop?.state().peers.values() ?? [])].map(({ member, health }) => ({
        nodeId: member.nodeId,
        address: member.address,
        isAlive: health !== "lost" && member.status !== "left",
      })),
    call: (to, method, body, callOptions) => peers.peer(to).call(method, body, callOptions),
    openParquetFile: engine.openParquetFile,
  });
  const admission = openAdmission(memoryBytes, options.maxQueued ?? DEFAULT_MAX_QUEUED);

  const openParts = (membership: MembershipLoop) =>
    openCoordinator(
      {
        nodeId,
        engine,
        worker,
        peers,
        view: membership.view,
        localFile: shards.localFile,
        splitsOf: catalog.splitsOf,
        admission,
        schedule: options.schedule ?? {},
        mayRunAlone: options.mayRunAlone ?? true,
        bytesPerNode: options.bytesPerNode ?? DEFAULT_BYTES_PER_NODE,
      },
      incarnation,
    );
  let coordinator: ReturnType<typeof openParts> | undefined;

  let settle: { resolve: () => void; reject: (error: Error) => void } | undefined;
  const closed = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  closed.catch(() => undefined);
  let closing: Promise<void> | undefined;
  const shut = async (): Promise<void> => {
    await coordinator?.close();
    // A goodbye would be taken for that of the other process with this id.
    if (state !== "conflict") await loop?.leave();
    await seeds?.close();
    await worker.close();
    await server?.close(CLOSE_GRACE_MS);
    loop?.close();
    catalog.close();
    admission.close();
    peers.close();
  };
  const close = (error?: Error): Promise<void> => {
    closing ??= shut().then(() => {
      if (state !== "conflict") state = "left";
      if (error === undefined) settle!.resolve();
      else settle!.reject(error);
    });
    return closing;
  };

  const refuse = (): void =>
    coordinator?.refuse(new QueryError("closed", `node ${nodeId} is leaving the cluster and takes no new queries`));

  const node: ClusterNodeHandle = {
    nodeId,
    get address() {
      return address;
    },
    clusterName,
    engine,
    shards,
    catalog,
    peers,
    closed,
    members: () => loop!.members(),
    execute: (plan, names, executeOptions) => coordinator!.execute(plan, names, executeOptions),
    explain: (plan) => coordinator!.explain(plan),
    status: () =>
      nodeStatus({
        clusterName,
        startedAt,
        state,
        membership: loop!.state(),
        counters: coordinator!.counters,
        admission: admission.status(),
        runningQueries: coordinator!.running(),
        worker: worker.status(),
        exchange,
        calls: server?.calls() ?? 0,
        memoryBytes,
        freeAtStart,
        engine,
      }),
    drain: async (graceMs = DEFAULT_DRAIN_MS) => {
      if (state === "ready") state = "draining";
      const deadline = performance.now() + graceMs;
      refuse();
      loop!.drain();
      while ((coordinator!.running() > 0 || worker.status().queries > 0) && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, IDLE_EVERY_MS));
      }
    },
    leave: async () => {
      refuse();
      if (state !== "conflict") state = "left";
      await loop!.leave();
    },
    close: () => close(),
  };

  try {
    const clients = options.flight(node);
    const flight: FlightService = {
      ...clients,
      doGet: (ticket, context) =>
        isOutputTicket(ticket)
          ? counted(worker.output(decodeOutputTicket(ticket)), (bytes) => {
              exchange.bytesOut += bytes;
            })
          : clients.doGet(ticket, context),
    };
    const nodes = () =>
      node.members().map((member) => ({ nodeId: member.nodeId, address: member.address, weight: member.weight }));
    const own = shardServices({ shards, catalog, nodes });
    const more = options.services?.(node);
    server = await openServer({
      listen: options.listen,
      security,
      flight,
      calls: {
        ...own.calls,
        ...more?.calls,
        heartbeat: async (body) => {
          loop?.receive(body);
          return new Uint8Array();
        },
      },
      streams: { ...own.streams, ...more?.streams, work: (stream) => worker.serve(stream) },
    });
    address = advertisedAddress(server.address, options.advertise);
  } catch (error) {
    await close();
    throw error;
  }

  const membership = openMembershipLoop({
    load: engine.running,
    self: { nodeId, address, weight: options.weight ?? engine.threads, startedAt: incarnation, incarnation },
    clusterName,
    peers,
    options: options.membership,
    onConflict: (other) => {
      if (state === "conflict") return;
      state = "conflict";
      const message = `another node with the id ${nodeId} is running at ${other}`;
      const hint = "Give each node a data directory of its own: its id is kept there.";
      void close(new QueryError("already-exists", message, { hint }));
    },
  });
  loop = membership;
  membership.view.onChange(() => catalog.invalidate());
  coordinator = openParts(membership);
  seeds = watchSeeds(options.seeds, { nodeId, address }, membership.setSeeds);
  state = "ready";
  return node;
};
