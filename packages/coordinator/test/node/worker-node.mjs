// A node of a test's cluster, as a process of its own. Options are JSON in the first argument; its address goes to the parent.
import { openClusterCatalog, openNode, openShardStore } from "@headcut/coordinator";
import { openEngine } from "@headcut/executor";

const { nodeId, directory, spillDirectory, seeds, ...rest } = JSON.parse(process.argv[2]);
const engine = openEngine({ threads: 1, memoryLimitBytes: 512 * 1024 * 1024, columnCacheBytes: 32 * 1024 * 1024 });
const shards = await openShardStore(directory);
const none = () => {
  throw new Error("clients are not served here");
};
const node = await openNode({
  nodeId,
  listen: "127.0.0.1:0",
  clusterName: "test",
  seeds: { kind: "list", addresses: seeds },
  security: {},
  engine,
  shards,
  catalog: openClusterCatalog,
  flight: () => ({
    getFlightInfo: none,
    getSchema: none,
    listFlights: none,
    doGet: none,
    doPut: none,
    doAction: none,
    listActions: none,
  }),
  spillDirectory,
  ...rest,
});
node.closed.catch((error) => process.send?.({ closed: error.message }));
process.send?.({ address: node.address });
process.on("message", async (message) => {
  if (message === "status") process.send?.({ status: node.status() });
  if (message === "drain") {
    await node.drain();
    process.send?.({ drained: true });
  }
  if (message === "close") {
    await node.close();
    await engine.close();
    process.disconnect();
  }
});
process.on("disconnect", () => process.exit());
