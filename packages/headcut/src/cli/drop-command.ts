import { dropShards, viewCluster } from "@headcut/coordinator";
import { QueryError } from "@headcut/plan";
import type { SecurityFiles } from "../node/read-security.ts";
import { openCluster } from "./cluster-options.ts";

export interface DropCommandOptions extends SecurityFiles {
  readonly cluster: string;
  readonly table: string;
  readonly ifExists?: boolean;
}

/** `headcut drop`: a loaded table is no more. Resolves to the exit status: 1 when there is none, or the cluster cannot be asked. */
export const runDropCommand = async ({ table, ifExists = false, ...options }: DropCommandOptions): Promise<number> => {
  try {
    const { addresses, peers } = await openCluster(options.cluster, options);
    try {
      const isDropped = await dropShards(await viewCluster(peers, addresses), table);
      if (!isDropped && !ifExists) throw new QueryError("unknown-table", `the cluster has no table ${table}`);
      process.stdout.write(isDropped ? `${table} is dropped\n` : `there is no ${table}\n`);
      return 0;
    } finally {
      peers.close();
    }
  } catch (cause) {
    if (!(cause instanceof QueryError)) throw cause;
    process.stderr.write(`${cause.describe()}\n`);
    return 1;
  }
};
