import { type TypedValue, wire } from "@headcut/plan";
import type { ParameterValues } from "../statements/statement-context.ts";

/** One statement as a client sends it to a node: all that the node needs to answer, so that any node can. */
export interface StatementTicket {
  /** Drawn by whoever made the ticket: who knows it may cancel what runs by it. */
  readonly id: string;
  /** The text of one statement; ranges of errors are of it. */
  readonly sql: string;
  readonly form: StatementForm;
  readonly parameters: ParameterValues;
  /** Where the client's in-memory tables are; undefined while it has none. */
  readonly session: SessionReference | undefined;
  /** Names that the client has registered for files. */
  readonly registered: readonly RegisteredName[];
  /** What the statement drops is a table of the client's session, and never one of the cluster. */
  readonly dropsOwn: boolean;
  readonly limits: StatementLimits;
  /**
   * Whether the client wants to hear of progress, of its session's tables, of what the cluster did, and why the statement failed:
   * `StatementDetail`.
   */
  readonly details: boolean;
}

/** What is wanted of the statement. */
export type StatementForm =
  /** That it is run. */
  | { readonly kind: "run" }
  /** Its plan, as EXPLAIN shows it. */
  | { readonly kind: "explain"; readonly analyze: boolean; readonly format: "text" | "json" }
  /** The rows that COPY … TO is to write: the client writes the file. */
  | { readonly kind: "copiedRows" };

export interface SessionReference {
  /** Drawn by the client; nobody else knows it. */
  readonly id: string;
  /** The session begins with this statement, unless another one of the client's was faster. */
  readonly create: boolean;
}

export interface RegisteredName {
  readonly name: string;
  readonly paths: readonly string[];
}

export interface StatementLimits {
  readonly timeoutMs: number | undefined;
  /** How much of it had passed when the client sent the statement. */
  readonly elapsedMs: number;
  readonly memoryLimitBytes: number | undefined;
}

const { decodeMessage, encodeMessage, flag, float, list, natural, object, optional, text, typedValue, union, word } =
  wire;

/** Objects with any keys travel as lists: a message's fields are fixed. */
type TicketParameters =
  | { readonly kind: "positions"; readonly values: readonly TypedValue[] }
  | { readonly kind: "names"; readonly values: readonly { readonly name: string; readonly value: TypedValue }[] };

type TicketMessage = Omit<StatementTicket, "parameters"> & { readonly parameters: TicketParameters };

const ticket = object<TicketMessage>({
  id: text,
  sql: text,
  form: union<StatementForm>(() => ({
    run: {},
    explain: { analyze: flag, format: word("text", "json") },
    copiedRows: {},
  })),
  parameters: union<TicketParameters>(() => ({
    positions: { values: list(typedValue) },
    names: { values: list(object<{ name: string; value: TypedValue }>({ name: text, value: typedValue })) },
  })),
  session: optional(object<SessionReference>({ id: text, create: flag })),
  registered: list(object<RegisteredName>({ name: text, paths: list(text) })),
  dropsOwn: flag,
  limits: object<StatementLimits>({
    timeoutMs: optional(float),
    elapsedMs: float,
    memoryLimitBytes: optional(natural),
  }),
  details: flag,
});

const isList = (parameters: ParameterValues): parameters is readonly TypedValue[] => Array.isArray(parameters);

/** Throws QueryError "unsupported" for a statement whose text or parameters are too large to send. */
export const encodeStatementTicket = ({ parameters, ...rest }: StatementTicket): Uint8Array =>
  encodeMessage("statement", ticket, {
    ...rest,
    parameters: isList(parameters)
      ? { kind: "positions", values: parameters }
      : { kind: "names", values: Object.entries(parameters).map(([name, value]) => ({ name, value })) },
  });

/** QueryError "io" if the bytes are no such ticket, "unsupported" if they are of another version. */
export const decodeStatementTicket = (bytes: Uint8Array): StatementTicket => {
  const { parameters, ...rest } = decodeMessage("statement", ticket, bytes);
  return {
    ...rest,
    parameters:
      parameters.kind === "positions"
        ? parameters.values
        : Object.fromEntries(parameters.values.map(({ name, value }) => [name, value])),
  };
};
