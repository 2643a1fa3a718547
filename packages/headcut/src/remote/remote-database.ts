import { randomUUID } from "node:crypto";
import { watchLimits } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import type { Statement } from "@headcut/planner";
import type { Database, StatementRequest } from "../database.ts";
import { arrowColumns, batchesOf, schemaOf } from "../register-arrow.ts";
import type { RegisteredName, StatementForm, StatementTicket } from "../sessions/statement-ticket.ts";
import type { ParameterValues, StatementOptions } from "../statements/statement-context.ts";
import { noRows, type StatementResult } from "../statements/statement-result.ts";
import type { NamedSource } from "../table-source.ts";
import { type ClusterLink, referenceOf } from "./cluster-link.ts";
import { copyRows } from "./copy-rows.ts";
import { asNodeLost, NodeLost } from "./node-lost.ts";
import { putMessages } from "./put-arrow.ts";
import { remoteResult } from "./remote-result.ts";
import type { Errand } from "./run-anywhere.ts";
import { droppedName, type StatementNeeds, statementNeeds } from "./statement-needs.ts";
import { movedError, statementText } from "./statement-text.ts";

/** A cluster, seen through any of its nodes. */
export const remoteDatabase = (link: ClusterLink): Database => {
  const { names } = link;
  const running = new Set<AbortController>();
  let closed = false;
  /** Names of the session that are being forgotten: statements wait for it. */
  let forgetting: Promise<unknown> = Promise.resolve();

  const checkOpen = (): void => {
    if (closed) throw new QueryError("closed", "the connection is closed");
  };

  /** Runs it within its limits, which hold until its result is read or cancelled. */
  const within = async (
    options: StatementOptions,
    offset: number,
    run: (signal: AbortSignal) => Promise<StatementResult>,
  ): Promise<StatementResult> => {
    checkOpen();
    const controller = new AbortController();
    running.add(controller);
    const unwatch = watchLimits(options, (error) => controller.abort(error));
    const done = (): void => {
      unwatch();
      running.delete(controller);
    };
    try {
      return watched(await run(controller.signal), controller, offset, done);
    } catch (cause) {
      done();
      throw userError(cause, offset);
    }
  };

  const runSql = async (errand: (signal: AbortSignal) => Errand): Promise<void> => {
    const result = await within({ startedMs: performance.now() }, 0, (signal) =>
      remoteResult(link, errand(signal), true),
    );
    for await (const _ of result.encodedBatches());
  };

  const dropTable = (name: string): void => {
    names.removeTable(name);
    const drop = { ...plain(`DROP TABLE IF EXISTS ${quoted(name)}`), registered: [], dropsOwn: true };
    const needs = { names: [], changes: true, makesTable: false };
    forgetting = forgetting
      .then(() => runSql((signal) => errandOf(drop, needs, signal)))
      // A session that is lost has nothing to forget.
      .catch(() => undefined);
  };

  /** Whether it is a table of the session: should the session be gone, the cluster may have a table of the name. */
  const dropsOwn = (statement: Statement): boolean => {
    const name = statement.kind === "dropTable" ? droppedName(statement) : undefined;
    return name !== undefined && names.hasTable(name);
  };

  const startHere = (statement: Statement): StatementResult | undefined => {
    const name = statement.kind === "dropTable" ? droppedName(statement) : undefined;
    if (name === undefined) return undefined;
    return names.unregister(name) || names.forgetLost(name) ? noRows() : undefined;
  };

  const start = async ({ statement, sql, parameters, options, whole }: StatementRequest): Promise<StatementResult> => {
    await forgetting;
    const text = statementText(statement, sql);
    return within(options, text.offset, async (signal) => {
      const here = startHere(statement);
      if (here !== undefined) return here;
      const part = { ...text, parameters, registered: names.registered(), dropsOwn: dropsOwn(statement) };
      const errand = errandOf(part, statementNeeds(statement), signal, options);
      return statement.kind === "copy" ? copyRows(statement, link, errand) : remoteResult(link, errand, whole);
    });
  };

  const putArrow = async (name: string, source: Extract<NamedSource, { kind: "arrow" }>["data"]): Promise<void> => {
    const schema = schemaOf(name, source);
    arrowColumns(name, schema); // What cannot be a table is refused before anything is sent.
    const session = await link.openSession(new AbortController().signal);
    const peer = link.peer(session.address);
    const messages = putMessages({ session: referenceOf(session)!, name }, schema, batchesOf(source));
    try {
      for await (const _ of peer.doPut(messages));
    } catch (cause) {
      const lost = asNodeLost(cause, session.address, !closed);
      if (lost instanceof NodeLost && lost.refused) link.loseSession(session, lost.reason);
      throw lost;
    }
    session.exists = true;
    names.addTable(name);
  };

  return {
    start,
    register: async (name, source) => {
      await forgetting;
      if (source.kind === "arrow") {
        await putArrow(name, source.data).catch((cause: unknown) => {
          throw userError(cause, 0);
        });
        return;
      }
      // A bad file is reported here, not by the first query.
      const describe = { ...plain(`DESCRIBE ${quoted(name)}`), registered: [{ name, paths: source.paths }] };
      const needs = { names: [], changes: false, makesTable: false };
      await runSql((signal) => ({ ...errandOf(describe, needs, signal), apart: true }));
      checkOpen();
      if (names.hasTable(name)) dropTable(name);
      names.register(name, source.paths);
    },
    unregister: (name) => {
      if (names.unregister(name) || names.forgetLost(name)) return true;
      if (!names.hasTable(name)) return false;
      dropTable(name);
      return true;
    },
    tables: () => {
      const own = names.all();
      const taken = new Set(own.map((name) => name.toLowerCase()));
      const cluster = link.lastHello()?.tables ?? [];
      return [...own, ...cluster.filter((name) => !taken.has(name.toLowerCase()))].sort();
    },
    freeBytes: () => link.lastHello()?.freeBytes ?? 0,
    close: async () => {
      closed = true;
      for (const controller of running) controller.abort(new QueryError("cancelled", "the query was cancelled"));
      await forgetting;
      await link.close();
    },
  };
};

/** A statement's part of a ticket. */
interface TicketPart {
  readonly sql: string;
  readonly form: StatementForm;
  readonly parameters: ParameterValues;
  readonly registered: readonly RegisteredName[];
  readonly dropsOwn: boolean;
}

const plain = (sql: string): Omit<TicketPart, "registered"> => ({
  sql,
  form: { kind: "run" },
  parameters: [],
  dropsOwn: false,
});

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const errandOf = (
  { sql, form, parameters, registered, dropsOwn }: TicketPart,
  needs: StatementNeeds,
  signal: AbortSignal,
  options: StatementOptions = { startedMs: performance.now() },
): Errand => ({
  needs,
  signal,
  onProgress: options.onProgress,
  ticket: (session): StatementTicket => ({
    id: randomUUID(),
    sql,
    form,
    parameters,
    session,
    registered,
    dropsOwn,
    limits: {
      timeoutMs: options.timeoutMs,
      elapsedMs: performance.now() - options.startedMs,
      memoryLimitBytes: options.memoryLimitBytes === undefined ? undefined : Math.floor(options.memoryLimitBytes),
    },
    details: true,
  }),
});

/** What the caller sees of a failure: its place in the caller's text, and of a lost node the reason. */
const userError = (cause: unknown, offset: number): unknown =>
  cause instanceof NodeLost ? cause.reason : movedError(cause, offset);

const watched = (
  result: StatementResult,
  controller: AbortController,
  offset: number,
  done: () => void,
): StatementResult => ({
  ...result,
  encodedBatches: async function* () {
    try {
      yield* result.encodedBatches();
    } catch (cause) {
      throw userError(cause, offset);
    } finally {
      done();
    }
  },
  cancel: async () => {
    controller.abort(new QueryError("cancelled", "the query was cancelled"));
    await result.cancel();
    done();
  },
});
