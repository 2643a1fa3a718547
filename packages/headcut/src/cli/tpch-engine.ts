import { QueryError } from "@headcut/plan";
import type { ClusterFigures, EngineAnswer, OpenEngine } from "@headcut/tpch";
import { connect } from "../connect.ts";
import type { Connection } from "../connection.ts";
import { byteSize } from "./engine-options.ts";
import { openTpchCluster } from "./tpch-cluster.ts";

/** Headcut as the TPC-H runner sees it: in this process, a cluster somewhere, or one that is started for the run. Throws QueryError. */
export const openTpchEngine: OpenEngine = async (options) => {
  const { tables, threads, connect: address, cluster, memoryLimit, tempDirectory, onLoad, signal } = options;
  if ((address ?? cluster) !== undefined && (memoryLimit ?? tempDirectory) !== undefined) {
    throw new QueryError(
      "invalid-argument",
      "--memory-limit and --temp-directory are about an engine of one's own, not about a cluster",
    );
  }
  if (cluster !== undefined) {
    const started = await openTpchCluster({ tables, threads, nodes: cluster, onLoad, signal });
    try {
      const { token } = started;
      const connection = await connect(started.url, token === undefined ? {} : { token });
      const close = async (): Promise<void> => {
        await connection.close();
        await started.close();
      };
      return { query: queryOn(connection), close, nodes: started.nodes };
    } catch (cause) {
      await started.close();
      throw cause;
    }
  }
  if (address !== undefined) {
    const connection = await connect(address);
    return { query: queryOn(connection), close: () => connection.close() };
  }
  const connection = await connect({
    ...(threads !== undefined && { threads }),
    ...(memoryLimit !== undefined && { queryMemoryLimitBytes: byteSize(memoryLimit) }),
    ...(tempDirectory !== undefined && { spillDirectory: tempDirectory }),
  });
  try {
    for (const [name, glob] of Object.entries(tables)) await connection.register(name, glob);
  } catch (cause) {
    await connection.close();
    throw cause;
  }
  return { query: queryOn(connection), close: () => connection.close() };
};

const queryOn =
  (connection: Connection) =>
  async (sql: string, signal?: AbortSignal): Promise<EngineAnswer> => {
    const result = await connection.query(sql, undefined, signal === undefined ? {} : { signal });
    const report = result.cluster;
    const cluster: ClusterFigures | undefined = report && {
      bytesBetweenNodes: report.bytesBetweenNodes,
      splits: report.splits,
      splitsByOwners: report.splitsByOwners,
      retries: report.retries,
    };
    return {
      columns: result.columns.map(({ name }) => name),
      rows: result.toRows(),
      ...(cluster && { cluster }),
    };
  };
