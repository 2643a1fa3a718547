import type { EncodedBatch } from "@headcut/executor";
import { QueryError, sameType } from "@headcut/plan";
import type { StatementResult } from "../statements/statement-result.ts";
import type { ClusterLink } from "./cluster-link.ts";
import { NodeLost } from "./node-lost.ts";
import type { RemoteRun } from "./remote-run.ts";
import { type Errand, runAnywhere } from "./run-anywhere.ts";

/** Restarts of one statement whose node was lost while its rows were read. */
const MAX_RESTARTS = 3;

/**
 * The result of a statement, started when this resolves. As long as no row was handed out, it is started again when its node is lost;
 * `whole` hands none out before all are there. Reading it throws QueryError, and NodeLost when it was too late for that.
 */
export const remoteResult = async (link: ClusterLink, errand: Errand, whole: boolean): Promise<StatementResult> => {
  let run = await runAnywhere(link, errand);
  const { columns } = run;

  async function* encodedBatches(): AsyncGenerator<EncodedBatch> {
    for (let restarts = 0; ; restarts++) {
      let handedOut = false;
      try {
        if (whole) {
          const all: EncodedBatch[] = [];
          for await (const batch of run.batches) all.push(batch);
          yield* all;
        } else {
          for await (const batch of run.batches) {
            handedOut = true;
            yield batch;
          }
        }
        return;
      } catch (cause) {
        if (!(cause instanceof NodeLost) || handedOut || errand.needs.changes || restarts >= MAX_RESTARTS) throw cause;
        link.nodes.failed(cause.address);
        run = await runAnywhere(link, errand);
        checkSame(columns, run.columns);
      }
    }
  }
  return {
    columns,
    encodedBatches,
    cancel: async () => {
      await run.batches.return(undefined);
    },
    report: async () => run.report(),
  };
};

const checkSame = (before: RemoteRun["columns"], now: RemoteRun["columns"]): void => {
  const same =
    before.length === now.length &&
    before.every(({ name, type }, i) => name === now[i]!.name && sameType(type, now[i]!.type));
  if (same) return;
  throw new QueryError("io", "the tables have changed while the query was started on another node", {
    hint: "Run the query again.",
  });
};
