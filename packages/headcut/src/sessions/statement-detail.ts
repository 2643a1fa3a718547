import { type ClusterReport, CutOff, type FragmentReport, type TaskReport } from "@headcut/coordinator";
import { QueryError, type QueryErrorCode, type SourceRange, wire } from "@headcut/plan";

/** What a node tells a client of a statement beside its rows, in the metadata of Flight's messages. */
export type StatementDetail =
  /** How much of its input has been read: 0 … 1. */
  | { readonly kind: "progress"; readonly fraction: number }
  /** After the last row, when the client has a session: the names of all tables in it; later ones have a greater version. */
  | { readonly kind: "session"; readonly tables: readonly string[]; readonly version: number }
  /** After the last row, of a query. */
  | { readonly kind: "report"; readonly report: ReportMessage }
  /** Why there are no more rows. So the client can tell a statement's failure from one of the node or the network. */
  | { readonly kind: "failed"; readonly failure: Failure };

interface Failure {
  readonly code: QueryErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
  readonly range: SourceRange | undefined;
  /** The node had lost all others: another one may answer. */
  readonly cutOff: boolean;
}

/** The report without the plan, and without what EXPLAIN ANALYZE alone shows. */
type ReportMessage = Omit<ClusterReport, "plan" | "fragments"> & { readonly fragments: readonly FragmentMessage[] };
type FragmentMessage = Omit<FragmentReport, "operatorRows" | "scans">;

const { decodeMessage, encodeMessage, errorCode, flag, float, list, natural, object, optional, text, union } = wire;

const fragment = object<FragmentMessage>({
  fragmentId: natural,
  rows: natural,
  bytesIn: natural,
  bytesOwn: natural,
  bytesOut: natural,
  longestMs: float,
  peakBytes: natural,
  tasks: list(
    object<TaskReport>({
      taskId: natural,
      nodeId: text,
      splits: natural,
      rows: natural,
      bytesIn: natural,
      elapsedMs: float,
    }),
  ),
});

const failure = object<Failure>({
  code: errorCode,
  message: text,
  hint: optional(text),
  range: optional(object<SourceRange>({ start: natural, end: natural })),
  cutOff: flag,
});

const detail = union<StatementDetail>(() => ({
  progress: { fraction: float },
  session: { tables: list(text), version: natural },
  failed: { failure },
  report: {
    report: object<ReportMessage>({
      queryId: text,
      coordinatorId: text,
      nodes: list(text),
      bytesBetweenNodes: natural,
      splits: natural,
      splitsByOwners: natural,
      tasks: natural,
      attempts: natural,
      retries: natural,
      queuedMs: float,
      totalMs: float,
      fragments: list(fragment),
    }),
  },
}));

export const encodeDetail = (value: StatementDetail): Uint8Array => encodeMessage("detail", detail, value);

/** QueryError "io" if the bytes are none. */
export const decodeDetail = (bytes: Uint8Array): StatementDetail => decodeMessage("detail", detail, bytes);

export const failureOf = (error: QueryError): Failure => {
  const { code, message, hint, range } = error;
  return { code, message, hint, range, cutOff: error instanceof CutOff };
};

/** The error as the node has thrown it. */
export const errorOf = ({ code, message, hint, range }: Failure): QueryError =>
  new QueryError(code, message, { ...(hint !== undefined && { hint }), ...(range !== undefined && { range }) });

/** The report as it travels. */
export const reportMessage = ({ plan: _, fragments, ...report }: ClusterReport): ReportMessage => ({
  ...report,
  fragments: fragments.map(({ operatorRows: _rows, scans: _scans, ...fragment }) => fragment),
});

/** The report as the client's callers see it. */
export const reportOf = ({ fragments, ...report }: ReportMessage): ClusterReport => ({
  ...report,
  plan: undefined,
  fragments: fragments.map((fragment) => ({ ...fragment, operatorRows: new Map(), scans: new Map() })),
});
