import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "@headcut/executor";
import type { FlightService } from "../../src/flight/flight-service.ts";
import { openPeers } from "../../src/rpc/open-peers.ts";
import { openServer } from "../../src/rpc/open-server.ts";
import type { RpcServer } from "../../src/rpc/server-options.ts";
import { decodeOutputTicket } from "../../src/worker/messages.ts";
import { openWorker } from "../../src/worker/open-worker.ts";
import type { TestCluster, TestNode } from "./test-cluster.ts";

export interface SocketCluster extends TestCluster {
  readonly servers: readonly RpcServer[];
}

const SECURITY = { token: "a token of the tests" };

/** Workers in one process that talk through real sockets. */
export const openSocketCluster = async (count: number, maxOutputBytes = 64 << 20): Promise<SocketCluster> => {
  const folder = mkdtempSync(join(tmpdir(), "headcut-sockets-"));
  const peers = openPeers(SECURITY);
  const opened = await Promise.all(
    Array.from({ length: count }, async (_, i): Promise<readonly [TestNode, RpcServer]> => {
      const [nodeId, spill] = [`node-${i}`, join(folder, `spill-${i}`)];
      const engine = openEngine({ threads: 1, memoryLimitBytes: 256 << 20 });
      const shards = { localFile: () => undefined };
      const worker = openWorker({ nodeId, engine, peers, shards, spillDirectory: spill, maxOutputBytes });
      // Streams arrive in the order in which they were opened.
      const waiting: (() => void)[] = [];
      const server = await openServer({
        listen: "127.0.0.1:0",
        security: SECURITY,
        calls: {},
        streams: {
          work: async (stream) => {
            const done = waiting.shift()!;
            await worker.serve(stream).finally(done);
          },
        },
        flight: {
          doGet: (ticket) => worker.output(decodeOutputTicket(ticket)),
        } as Partial<FlightService> as FlightService,
      });
      const { address } = server;
      const connect: TestNode["connect"] = () => {
        const served = new Promise<void>((resolve) => {
          waiting.push(resolve);
        });
        return { stream: peers.peer(address).open("work"), served };
      };
      return [{ nodeId, address, engine, worker, spill, connect }, server];
    }),
  );
  return {
    nodes: opened.map(([node]) => node),
    servers: opened.map(([, server]) => server),
    close: async () => {
      for (const [{ worker, engine }, server] of opened) {
        await worker.close();
        await server.close(100);
        await engine.close();
      }
      peers.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
