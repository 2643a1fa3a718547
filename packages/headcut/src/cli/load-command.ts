import { existsSync } from "node:fs";
import { describeFiles, loadShards, viewCluster } from "@headcut/coordinator";
import { expandGlob, isGlob } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import type { SecurityFiles } from "../node/read-security.ts";
import { openCluster } from "./cluster-options.ts";
import { formatBytes } from "./format-bytes.ts";
import { createProgressBar } from "./progress-bar.ts";

export interface LoadCommandOptions extends SecurityFiles {
  readonly table: string;
  /** Paths and globs of Parquet files. */
  readonly from: readonly string[];
  readonly toCluster: string;
  readonly copies: number;
  readonly replace?: boolean;
  /** A column. */
  readonly partitionedBy?: string;
}

const INTERRUPTED = 130;

/**
 * `headcut load`: spreads Parquet files over the nodes of a cluster as shards of a table. Resolves to the exit status: 1 when it failed, 130 when Ctrl-C
 * ended it; run again, it goes on where it was.
 */
export const runLoadCommand = async (options: LoadCommandOptions): Promise<number> => {
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  process.once("SIGINT", interrupt);
  const bar = createProgressBar(process.stderr);
  try {
    const { table, copies, partitionedBy, replace } = options;
    const { addresses, peers } = await openCluster(options.toCluster, options);
    try {
      const paths = options.from.flatMap((path) => (isGlob(path) && !existsSync(path) ? expandGlob(path) : [path]));
      const described = await describeFiles(table, paths, { onFile: () => abort.signal.throwIfAborted() });
      const view = await viewCluster(peers, addresses, abort.signal);
      const report = await loadShards(view, {
        table,
        ...described,
        copies,
        partitionedBy,
        isReplacement: replace,
        signal: abort.signal,
        onProgress: (done, all) => bar.report(done / Math.max(1, all)),
      });
      bar.clear();
      const skipped = report.skipped === 0 ? "" : `; ${report.skipped} copies were there`;
      process.stdout.write(
        `${report.shards} ${report.shards === 1 ? "shard" : "shards"} of ${table}, ${report.copies} ${report.copies === 1 ? "copy" : "copies"} each: ${formatBytes(report.bytesSent)} sent to ${view.nodes.length} nodes${skipped}\n`,
      );
      return 0;
    } finally {
      peers.close();
    }
  } catch (cause) {
    bar.clear();
    if (abort.signal.aborted) return INTERRUPTED;
    if (!(cause instanceof QueryError)) throw cause;
    process.stderr.write(`${cause.describe()}\n`);
    return 1;
  } finally {
    process.off("SIGINT", interrupt);
  }
};
