import { wire } from "@headcut/plan";
import type { KeySet } from "../exchange/key-set.ts";
import type { AttemptFailure } from "../schedule/query-events.ts";
import type { AttemptId, TaskId, TaskWork } from "../schedule/query-state.ts";
import { type AttemptReport, attemptReport } from "./attempt-report.ts";
import { attemptFailure } from "./failure-codec.ts";
import { type InputAt, inputAt, taskWork, toldKeys } from "./task-codec.ts";

/** One attempt of a task. Its fragment has been sent before. */
export interface Launch {
  readonly fragmentId: number;
  readonly taskId: TaskId;
  readonly attemptId: AttemptId;
  readonly work: TaskWork;
  readonly inputs: readonly InputAt[];
  /** For each of the fragment's `keyInputs` what all tasks together told; undefined: too much. */
  readonly keySets?: readonly (KeySet | undefined)[];
  /** Its rows are read once, and may be read before all are there. */
  readonly streamed: boolean;
}

/** What a coordinator tells a worker, on one stream per query. */
export type ToWorker =
  /** Once, first. `queryId` is unique in the cluster, for ever; `memoryBytes` is what the query may use on this node. */
  | { readonly kind: "begin"; readonly queryId: string; readonly memoryBytes: number }
  /** The bytes of `encodeFragment`, once per fragment. They travel as they are. */
  | { readonly kind: "fragment"; readonly bytes: Uint8Array }
  | ({ readonly kind: "launch" } & Launch)
  /** Ends the attempt and drops its output. */
  | { readonly kind: "stop"; readonly attemptId: AttemptId };

/** What a worker says of the attempts it was given. */
export type FromWorker =
  /** Every second while the attempt runs, and once more when it has all its inputs. */
  | { readonly kind: "heard"; readonly attemptId: AttemptId; readonly received: boolean }
  /** Its output is there to be read; if it is not complete, this is said again when it is, or that it has failed. */
  | {
      readonly kind: "finished";
      readonly attemptId: AttemptId;
      readonly report: AttemptReport;
      readonly complete: boolean;
    }
  | { readonly kind: "failed"; readonly attemptId: AttemptId; readonly reason: AttemptFailure };

const { decodeMessage, encodeMessage, flag, list, natural, object, omittable, text, union } = wire;

type Framed = Exclude<ToWorker, { readonly kind: "fragment" }>;

const toWorker = union<Framed>(() => ({
  begin: { queryId: text, memoryBytes: natural },
  launch: {
    fragmentId: natural,
    taskId: natural,
    attemptId: natural,
    work: taskWork,
    inputs: list(inputAt),
    keySets: omittable(list(toldKeys)),
    streamed: flag,
  },
  stop: { attemptId: natural },
}));

const fromWorker = union<FromWorker>(() => ({
  heard: { attemptId: natural, received: flag },
  finished: { attemptId: natural, report: attemptReport, complete: flag },
  failed: { attemptId: natural, reason: attemptFailure },
}));

/** How a message of a fragment begins; see `encodeMessage`. */
const FRAGMENT_START = Buffer.from('{"headcut":"fragment"');

/** Throws QueryError "unsupported" for one that is too large to send. */
export const encodeToWorker = (message: ToWorker): Uint8Array =>
  message.kind === "fragment" ? message.bytes : encodeMessage("to-worker", toWorker, message);

/** QueryError "io" if the bytes are no such message; those of a fragment are looked at by `decodeFragment` alone. */
export const decodeToWorker = (bytes: Uint8Array): ToWorker =>
  Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, FRAGMENT_START.length)).equals(FRAGMENT_START)
    ? { kind: "fragment", bytes }
    : decodeMessage("to-worker", toWorker, bytes);

export const encodeFromWorker = (message: FromWorker): Uint8Array => encodeMessage("from-worker", fromWorker, message);

/** QueryError "io". */
export const decodeFromWorker = (bytes: Uint8Array): FromWorker => decodeMessage("from-worker", fromWorker, bytes);

/** What names an output of a worker in a Flight ticket. */
export interface OutputTicket {
  readonly kind: "output";
  readonly queryId: string;
  readonly attemptId: AttemptId;
  /** Of a hash exchange; undefined for all rows of any other. */
  readonly partition: number | undefined;
}

const outputTicket = object<Omit<OutputTicket, "kind">>({
  queryId: text,
  attemptId: natural,
  partition: wire.optional(natural),
});

export const encodeOutputTicket = ({ kind: _, ...ticket }: OutputTicket): Uint8Array =>
  encodeMessage("output", outputTicket, ticket);

const OUTPUT_START = Buffer.from('{"headcut":"output"');

/** Whether a ticket claims to be one of these: tickets of clients are told apart by it before anything is decoded. */
export const isOutputTicket = (ticket: Uint8Array): boolean =>
  Buffer.from(ticket.buffer, ticket.byteOffset, Math.min(ticket.length, OUTPUT_START.length)).equals(OUTPUT_START);

/** QueryError "io". */
export const decodeOutputTicket = (ticket: Uint8Array): OutputTicket => ({
  kind: "output",
  ...decodeMessage("output", outputTicket, ticket),
});
