import { bind, columnIds, parse, type Statement } from "@headcut/planner";
import { type CopyOutput, parseCopyOptions } from "../statements/copy-options.ts";
import { writeRows } from "../statements/copy-to.ts";
import { countResult, type StatementResult } from "../statements/statement-result.ts";
import type { ClusterLink } from "./cluster-link.ts";
import { NodeLost } from "./node-lost.ts";
import { remoteResult } from "./remote-result.ts";
import type { Errand } from "./run-anywhere.ts";

type Copy = Extract<Statement, { kind: "copy" }>;

const MAX_ATTEMPTS = 3;

/** COPY … TO: a node makes the rows, the file is written here. It appears whole or not at all, so a lost node costs another attempt. */
export const copyRows = async (statement: Copy, link: ClusterLink, errand: Errand): Promise<StatementResult> => {
  for (let attempt = 1; ; attempt++) {
    const result = await remoteResult(link, errand, false);
    try {
      const output = copyOutput(statement);
      return countResult(await writeRows(statement.path, output, result));
    } catch (cause) {
      await result.cancel();
      if (!(cause instanceof NodeLost) || attempt === MAX_ATTEMPTS) throw cause;
      link.nodes.failed(cause.address);
    }
  }
};

/** What the statement says of the file; what it says of the rows is the node's business. */
const copyOutput = (statement: Copy): CopyOutput => {
  const [source] = parse("SELECT 1");
  const context = { lookupTable: () => undefined, tableNames: () => [], parameters: [], nowMicros: 0n };
  const bound = bind({ ...statement, source: source as Extract<Statement, { kind: "query" }> }, context, columnIds());
  if (bound.kind !== "copyTo") throw new Error("internal error: COPY was bound to something else");
  return parseCopyOptions(bound.format, bound.options);
};
