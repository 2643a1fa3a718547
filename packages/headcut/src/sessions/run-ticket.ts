import { type ClusterNodeHandle, dropShards, viewCluster } from "@headcut/coordinator";
import { QueryError } from "@headcut/plan";
import { columnIds, type Statement } from "@headcut/planner";
import { bindStatement } from "../statements/bind-statement.ts";
import { copiedRows } from "../statements/copy-to.ts";
import { parseText } from "../statements/parse-text.ts";
import { runStatement } from "../statements/run-statement.ts";
import type { RunOptions, StatementContext, StatementTables } from "../statements/statement-context.ts";
import type { StatementResult } from "../statements/statement-result.ts";
import { type Session, sessionNames } from "./session.ts";
import { noSession, sessionCatalog } from "./session-catalog.ts";
import type { Sessions } from "./sessions.ts";
import type { StatementForm, StatementTicket } from "./statement-ticket.ts";

/** A node, as statements of clients need it. */
export interface StatementHost {
  readonly node: Pick<ClusterNodeHandle, "execute" | "explain" | "catalog" | "engine" | "peers" | "address">;
  readonly sessions: Sessions;
  /** Whose files clients may name. */
  readonly directories: readonly string[];
}

export interface TicketRun extends StatementResult {
  /** The names in the client's session now; undefined without one. */
  session(): { readonly tables: readonly string[]; readonly version: number } | undefined;
}

/**
 * Runs the statement of a ticket: a query has been started when this resolves, any other statement is done. The session is kept until
 * the result is read or cancelled. Throws QueryError.
 */
export const startTicket = async (
  ticket: StatementTicket,
  host: StatementHost,
  options: Pick<RunOptions, "signal" | "onProgress">,
): Promise<TicketRun> => {
  const held = ticket.session === undefined ? undefined : host.sessions.hold(ticket.session);
  const release = (): void => held?.release();
  try {
    const context = await statementContext(ticket, host, held?.session, options);
    const result = await startForm(parseOne(ticket.sql), ticket.form, context);
    return {
      ...result,
      encodedBatches: async function* () {
        try {
          yield* result.encodedBatches();
        } finally {
          release();
        }
      },
      cancel: async () => {
        await result.cancel();
        release();
      },
      session: () => held && { tables: sessionNames(held.session), version: held.session.version },
    };
  } catch (cause) {
    release();
    throw cause;
  }
};

/** The one statement of a text. Throws QueryError "syntax". */
export const parseOne = (sql: string): Statement => {
  const [statement, second] = parseText(sql);
  if (statement === undefined) throw new QueryError("syntax", "there is no statement to run");
  if (second === undefined) return statement;
  throw new QueryError("syntax", "expected one statement", { range: second.range, hint: "Send them one by one." });
};

export const statementContext = async (
  { parameters, registered, dropsOwn, limits }: StatementTicket,
  { node, directories }: StatementHost,
  session: Session | undefined,
  options: Pick<RunOptions, "signal" | "onProgress">,
): Promise<StatementContext> => {
  const { timeoutMs, elapsedMs, memoryLimitBytes } = limits;
  const startedMs = performance.now() - elapsedMs;
  const names = await node.catalog.tableNames();
  const cluster = {
    names,
    resolve: (name: string) => node.catalog.resolve(name),
    drop: dropsOwn ? undefined : (name: string) => dropOfCluster(node, names, name, options.signal),
  };
  return {
    queries: node,
    tables: session?.tables ?? noTables,
    catalog: sessionCatalog({ session, registered, cluster, directories, engine: node.engine }),
    parameters,
    options: {
      ...options,
      startedMs,
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(memoryLimitBytes !== undefined && { memoryLimitBytes }),
    },
  };
};

/** Names as SQL has them: without regard to case, if that leaves no doubt. */
const dropOfCluster = async (
  { peers, address }: StatementHost["node"],
  names: readonly string[],
  name: string,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const folded = names.filter((each) => each.toLowerCase() === name.toLowerCase());
  const found = names.includes(name) ? [name] : folded;
  if (found.length > 1) {
    throw new QueryError("unknown-table", `${name} may be any of the tables ${found.join(", ")}`, {
      hint: "Write the name as it is, in double quotes.",
    });
  }
  // Dropped by somebody else since it was looked up: it is gone, as was asked for.
  await dropShards(await viewCluster(peers, [address], signal), found[0]!, signal);
};

const startForm = async (
  statement: Statement,
  form: StatementForm,
  context: StatementContext,
): Promise<StatementResult> => {
  switch (form.kind) {
    case "run":
      if (statement.kind === "copy") throw copyAtNode();
      return runStatement(statement, context);
    case "explain": {
      const { analyze, format } = form;
      return runStatement({ kind: "explain", analyze, format, statement, range: statement.range }, context);
    }
    case "copiedRows": {
      const ids = columnIds();
      const bound = await bindStatement(statement, context, ids);
      if (bound.kind === "copyTo") return copiedRows(bound, context, ids);
      throw new QueryError("io", "a message from a client cannot be read: expected COPY");
    }
  }
};

const copyAtNode = (): QueryError =>
  new QueryError("unsupported", "COPY writes files where the client is: a node writes none for it", {
    hint: 'Headcut\'s own client, connect("grpc://…"), does; others write the rows they get.',
  });

/** Of clients without a session. */
const noTables: StatementTables = {
  create: () => {
    throw noSession();
  },
  get: (_, name) => {
    throw new QueryError("unknown-table", `table ${name} no longer exists`);
  },
  drop: () => undefined,
};
