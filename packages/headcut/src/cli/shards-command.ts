import { type ClusterView, viewCluster } from "@headcut/coordinator";
import { QueryError } from "@headcut/plan";
import type { SecurityFiles } from "../node/read-security.ts";
import { openCluster } from "./cluster-options.ts";
import { formatBytes } from "./format-bytes.ts";

export interface ShardsCommandOptions extends SecurityFiles {
  readonly cluster: string;
  readonly table?: string;
  readonly summary?: boolean;
}

/** `headcut shards`: where each shard is. Resolves to the exit status: 1 when a shard is nowhere, or the cluster cannot be asked. */
export const runShardsCommand = async (options: ShardsCommandOptions): Promise<number> => {
  try {
    const { addresses, peers } = await openCluster(options.cluster, options);
    try {
      const view = await viewCluster(peers, addresses);
      const tables = [...view.tables.values()]
        .filter(({ name }) => options.table === undefined || name === options.table)
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      if (options.table !== undefined && tables.length === 0) {
        throw new QueryError("unknown-table", `the cluster has no table ${options.table}`);
      }
      if (options.summary !== true) process.stdout.write(layOut([SHARD_TITLES, ...tables.flatMap(shardRows)]));
      else process.stdout.write(layOut([NODE_TITLES, ...nodeRows(view)]));
      for (const { nodeId, address } of view.silent)
        process.stderr.write(`node ${nodeId} at ${address} does not answer\n`);
      for (const { problem } of tables) if (problem !== undefined) process.stderr.write(`${problem.describe()}\n`);
      return view.silent.length > 0 || tables.some(({ problem }) => problem !== undefined) ? 1 : 0;
    } finally {
      peers.close();
    }
  } catch (cause) {
    if (!(cause instanceof QueryError)) throw cause;
    process.stderr.write(`${cause.describe()}\n`);
    return 1;
  }
};

type Table = ClusterView["tables"] extends ReadonlyMap<string, infer T> ? T : never;

const SHARD_TITLES = ["table", "shard", "rows", "size", "nodes"];

const shardRows = ({ name, shards, missing }: Table): string[][] => [
  ...shards.map(({ entry, holders }) => [
    name,
    entry.name,
    String(entry.rowCount),
    formatBytes(entry.sizeBytes),
    holders.toSorted().join(" "),
  ]),
  ...missing.map((shard) => [name, shard.name, String(shard.rowCount), formatBytes(shard.sizeBytes), "missing"]),
];

const NODE_TITLES = ["node", "address", "weight", "shards", "size"];

const nodeRows = ({ nodes, tables }: ClusterView): string[][] => {
  const shards = [...tables.values()].flatMap((table) => table.shards);
  return nodes.map(({ nodeId, address, weight }) => {
    const own = shards.filter(({ holders }) => holders.includes(nodeId));
    const bytes = own.reduce((sum, { entry }) => sum + entry.sizeBytes, 0);
    return [nodeId, address, String(weight), String(own.length), formatBytes(bytes)];
  });
};

/** Columns of text, two spaces between. */
const layOut = (rows: readonly (readonly string[])[]): string => {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i]!))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
};
