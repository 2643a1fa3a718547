import type { NodeStatus, ShardListing } from "@headcut/coordinator";

interface Metric {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly samples: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number }[];
}

/** A node's figures in the text format of Prometheus (version 0.0.4). Counters begin with the process. */
export const prometheusText = (status: NodeStatus, { entries, bad }: Pick<ShardListing, "entries" | "bad">): string =>
  [...metricsOf(status), ...shardMetrics(entries, bad)].map(textOf).join("");

const metricsOf = (status: NodeStatus): readonly Metric[] => {
  const { queries, tasks, exchange, memory, cache, splits, members } = status;
  const present = members.filter(({ member }) => member.status !== "left");
  const lost = present.filter(({ health }) => health === "lost").length;
  return [
    gauge("ready", "Whether the node answers queries.", status.state === "ready" ? 1 : 0),
    gauge("start_time_seconds", "When the process started, in seconds since 1970.", status.startedAt.getTime() / 1000),
    gauge("members", "Nodes of the cluster that are alive, as this one knows them.", present.length - lost),
    gauge("members_lost", "Nodes of the cluster that are lost.", lost),
    gauge("queries_running", "Queries that this node coordinates now.", queries.running),
    gauge("queries_queued", "Queries that wait for memory.", queries.queued),
    {
      ...counter("queries_total", "Queries that this node has coordinated, by how they ended."),
      samples: [
        { labels: { result: "done" }, value: queries.done },
        { labels: { result: "failed" }, value: queries.failed },
        { labels: { result: "cancelled" }, value: queries.cancelled },
      ],
    },
    gauge("queries_held", "Queries of which this node holds tasks, rows or memory for any coordinator.", tasks.queries),
    gauge("tasks_running", "Tasks that this node runs for any coordinator.", tasks.running),
    {
      ...counter("tasks_total", "Tasks that this node has run, by how they ended."),
      samples: [
        { labels: { result: "done" }, value: tasks.done },
        { labels: { result: "failed" }, value: tasks.failed },
      ],
    },
    gauge("calls_running", "Calls and streams that this node answers now.", status.calls),
    gauge("output_bytes", "What tasks put out and others have not finished reading.", tasks.outputBytes),
    gauge("output_spilled_bytes", "… of which on disk.", tasks.spilledBytes),
    counter("retries_total", "Attempts made again in queries that this node coordinates.", status.retries),
    counter("exchange_received_bytes_total", "Bytes of rows that came from other nodes.", exchange.bytesIn),
    counter("exchange_sent_bytes_total", "Bytes of rows that other nodes have read here.", exchange.bytesOut),
    counter("splits_total", "Parts of files read by queries that this node coordinates.", splits.all),
    counter("splits_by_owners_total", "… of which a node that owns the shard has read.", splits.byOwners),
    gauge("memory_limit_bytes", "What queries may use together.", memory.limitBytes),
    gauge("memory_used_bytes", "What queries and tables in memory use.", memory.usedBytes),
    gauge("resident_memory_bytes", "Of the whole process.", memory.residentBytes),
    gauge("column_cache_limit_bytes", "What decoded columns may take.", cache.limitBytes),
    gauge("column_cache_bytes", "Decoded columns that are kept.", cache.bytes),
    counter("column_cache_evictions_total", "Columns that had to go for others, or for queries.", cache.evictions),
  ];
};

const shardMetrics = (entries: ShardListing["entries"], bad: ShardListing["bad"]): readonly Metric[] => {
  const tables = new Map<string, { shards: number; bytes: number }>();
  for (const { table, sizeBytes } of entries) {
    const sums = tables.get(table) ?? { shards: 0, bytes: 0 };
    tables.set(table, { shards: sums.shards + 1, bytes: sums.bytes + sizeBytes });
  }
  const byTable = (value: (sums: { shards: number; bytes: number }) => number): Metric["samples"] =>
    [...tables].map(([table, sums]) => ({ labels: { table }, value: value(sums) }));
  return [
    { ...gauge("shards", "Shards on this node's disk."), samples: byTable(({ shards }) => shards) },
    { ...gauge("shard_bytes", "Bytes of the shards on this node's disk."), samples: byTable(({ bytes }) => bytes) },
    gauge("bad_shards", "Files that cannot be read as Parquet.", bad.length),
  ];
};

const gauge = (name: string, help: string, value?: number): Metric => metric("gauge", name, help, value);
const counter = (name: string, help: string, value?: number): Metric => metric("counter", name, help, value);
const metric = (type: Metric["type"], name: string, help: string, value: number | undefined): Metric => ({
  name: `headcut_${name}`,
  type,
  help,
  samples: value === undefined ? [] : [{ value }],
});

const textOf = ({ name, type, help, samples }: Metric): string => {
  const lines = samples.map(({ labels, value }) => `${name}${labels === undefined ? "" : labelsOf(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
};

const labelsOf = (labels: Readonly<Record<string, string>>): string => {
  const quoted = (value: string): string =>
    value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return `{${Object.entries(labels)
    .map(([key, value]) => `${key}="${quoted(value)}"`)
    .join(",")}}`;
};
