import { type Column, formatMs, formatRatio, layOut, titles } from "../report/lay-out.ts";
import { sum } from "../statistics.ts";
import type { ClusterCost } from "./measure-cluster.ts";

const columns: readonly Column[] = [
  { title: "", width: 9 },
  { title: "embedded ms", width: 11 },
  { title: "cluster ms", width: 10 },
  { title: "embedded CPU ms", width: 15 },
  { title: "cluster CPU ms", width: 14 },
  { title: "ratio", width: 6 },
  { title: "KiB moved", width: 9 },
  { title: "tasks", width: 5 },
];

export const clusterTitles = titles([...columns]);

export const clusterRow = ({ name, embedded, cluster, bytes, tasks }: ClusterCost): string =>
  layOut(columns, [
    name,
    formatMs(embedded.ms),
    formatMs(cluster.ms),
    formatMs(embedded.cpuMs),
    formatMs(cluster.cpuMs),
    formatRatio(cluster.cpuMs / embedded.cpuMs),
    (bytes / 1024).toFixed(0),
    String(tasks),
  ]);

/** All queries together, as if they were one. */
export const clusterTotal = (costs: readonly ClusterCost[]): ClusterCost => ({
  name: "total",
  embedded: { ms: sum(costs.map((cost) => cost.embedded.ms)), cpuMs: sum(costs.map((cost) => cost.embedded.cpuMs)) },
  cluster: { ms: sum(costs.map((cost) => cost.cluster.ms)), cpuMs: sum(costs.map((cost) => cost.cluster.cpuMs)) },
  bytes: sum(costs.map(({ bytes }) => bytes)),
  tasks: sum(costs.map(({ tasks }) => tasks)),
});
