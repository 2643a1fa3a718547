import type { Connection } from "headcut";
import type { BenchmarkQuery } from "../sets/query-set.ts";
import { median } from "../statistics.ts";
import { cpuSeconds } from "./process-cpu.ts";
import type { ServedCluster } from "./served-cluster.ts";

/** One run of a query. */
export interface RunCost {
  readonly ms: number;
  readonly cpuMs: number;
}

/** Medians of the runs of a query. `cluster.cpuMs`: of all nodes, and of the client. */
export interface ClusterCost {
  readonly name: string;
  readonly embedded: RunCost;
  readonly cluster: RunCost;
  /** That went from one node to another. */
  readonly bytes: number;
  readonly tasks: number;
}

export interface MeasureClusterOptions {
  readonly queries: readonly Pick<BenchmarkQuery, "name" | "sql" | "stored" | "compare">[];
  readonly embedded: Connection;
  readonly connection: Connection;
  readonly cluster: Pick<ServedCluster, "cpuSeconds">;
  readonly runs: number;
  readonly onQuery: (cost: ClusterCost) => void;
}

/** Not measured: data come into the caches, code is compiled. */
const WARM_UPS = 3;

/** Runs each query here and on the cluster in turns. Throws when an answer is wrong. */
export const measureCluster = async (options: MeasureClusterOptions): Promise<readonly ClusterCost[]> => {
  const { queries, embedded, connection, cluster, runs, onQuery } = options;
  const own = (): Promise<number> => cpuSeconds(process.pid);
  const all = async (): Promise<number> => (await own()) + (await cluster.cpuSeconds());
  const costs: ClusterCost[] = [];
  for (const { name, sql, stored, compare } of queries) {
    let [bytes, tasks] = [0, 0];
    const onEmbedded = async (): Promise<void> => {
      (await embedded.query(sql)).toRows();
    };
    const onCluster = async (): Promise<void> => {
      const result = await connection.query(sql);
      const rows = result.toRows();
      bytes = result.cluster?.bytesBetweenNodes ?? 0;
      tasks = result.cluster?.tasks ?? 0;
      const difference = stored === undefined ? undefined : compare(stored, rows);
      if (difference !== undefined) throw new Error(`${name}: ${difference}`);
    };
    for (let i = 0; i < WARM_UPS; i++) {
      await onEmbedded();
      await onCluster();
    }
    const taken: { readonly embedded: RunCost; readonly cluster: RunCost }[] = [];
    for (let i = 0; i < runs; i++)
      taken.push({ embedded: await cost(onEmbedded, own), cluster: await cost(onCluster, all) });
    const measured: ClusterCost = {
      name,
      embedded: middle(taken.map((run) => run.embedded)),
      cluster: middle(taken.map((run) => run.cluster)),
      bytes,
      tasks,
    };
    onQuery(measured);
    costs.push(measured);
  }
  return costs;
};

const cost = async (run: () => Promise<void>, cpu: () => Promise<number>): Promise<RunCost> => {
  const before = await cpu();
  const start = performance.now();
  await run();
  const ms = performance.now() - start;
  return { ms, cpuMs: 1000 * ((await cpu()) - before) };
};

const middle = (runs: readonly RunCost[]): RunCost => ({
  ms: median(runs.map(({ ms }) => ms)),
  cpuMs: median(runs.map(({ cpuMs }) => cpuMs)),
});
