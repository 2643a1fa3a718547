import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QueryError } from "@headcut/plan";
import { type LocalCluster, startLocalCluster } from "../node/local-cluster.ts";

export interface DevCommandOptions {
  readonly nodes: number;
  readonly data?: string;
  readonly basePort: number;
  readonly threads?: number;
  readonly memory?: string;
}

/**
 * `headcut dev`: a cluster on this machine, each node a process. It ends when it is told to, or when a node ends by itself: none is started
 * again in silence. Resolves to the exit status: 0 ended by Ctrl-C, 1 a node failed.
 */
export const runDevCommand = async (options: DevCommandOptions): Promise<number> => {
  const { nodes, basePort, threads, memory } = options;
  const temporary = options.data === undefined ? mkdtempSync(join(tmpdir(), "headcut-dev-")) : undefined;
  const data = options.data ?? temporary!;
  const abort = new AbortController();
  let cluster: LocalCluster | undefined;
  try {
    const interrupted = interruption(abort);
    cluster = await startLocalCluster({
      nodes,
      data,
      basePort,
      signal: abort.signal,
      onLine: (node, line) => process.stderr.write(`node-${node} ${line}\n`),
      ...(threads !== undefined && { threads }),
      ...(memory !== undefined && { memory }),
    });
    process.stdout.write(`${cluster.url}\n`);
    process.stderr.write(`${nodes} nodes with data in ${data}; Ctrl-C ends them\n`);
    const first = await Promise.race([interrupted, ...cluster.nodes.map(endOf)]);
    if (first !== undefined) process.stderr.write(`${first}\n`);
    await cluster.stop();
    return first === undefined ? 0 : 1;
  } catch (cause) {
    if (!(cause instanceof QueryError)) throw cause;
    process.stderr.write(`${cause.describe()}\n`);
    return abort.signal.aborted ? 130 : 1;
  } finally {
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  }
};

const endOf = async ({ nodeId, ended }: LocalCluster["nodes"][number], index: number): Promise<string> =>
  `node-${index + 1} (${nodeId}) ended with ${await ended}: the others are stopped`;

/** Resolves with the first Ctrl-C or SIGTERM; the second ends all at once. */
const interruption = (abort: AbortController): Promise<undefined> =>
  new Promise((resolve) => {
    let stopping = false;
    const stop = (): void => {
      if (stopping) abort.abort();
      stopping = true;
      resolve(undefined);
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
