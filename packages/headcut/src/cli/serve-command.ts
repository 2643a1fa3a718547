import { QueryError } from "@headcut/plan";
import { reportToParent } from "../node/child-node.ts";
import { writeLog } from "../node/node-log.ts";
import { type ServeOptions, serveNode } from "../node/serve-node.ts";

export interface ServeCommandOptions extends ServeOptions {
  /** Seconds that queries have to end when the node is told to stop. */
  readonly grace: number;
  readonly stopWithParent?: boolean;
}

/**
 * `headcut serve`: a node, until it is told to stop. The first SIGTERM or Ctrl-C lets it finish what runs, the second ends it at once. Resolves to the exit status:
 * 0 stopped in good order, 1 it could not start or had to stop, 2 wrong usage.
 */
export const runServeCommand = async (options: ServeCommandOptions): Promise<number> => {
  try {
    const { node, httpAddress, stop } = await serveNode(options, writeLog);
    const reason = await new Promise<string>((resolve, reject) => {
      onSignals(resolve);
      node.closed.then(() => resolve("closed"), reject);
      if (options.stopWithParent) {
        const { nodeId, address } = node;
        reportToParent({ kind: "ready", nodeId, address, httpAddress }, () => process.exit(1));
      }
    });
    writeLog("draining", { reason });
    await stop(options.grace * 1000);
    writeLog("stopped");
    return 0;
  } catch (cause) {
    if (!(cause instanceof QueryError)) throw cause;
    writeLog("failed", { code: cause.code, reason: cause.message, hint: cause.hint });
    return cause.code === "invalid-argument" ? 2 : 1;
  }
};

const SIGNALS = { SIGTERM: 143, SIGINT: 130 } as const;

const onSignals = (first: (name: string) => void): void => {
  let stopping = false;
  for (const [name, status] of Object.entries(SIGNALS)) {
    process.on(name, () => {
      if (stopping) process.exit(status);
      stopping = true;
      first(name);
    });
  }
};
