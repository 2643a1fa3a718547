import { QueryError, type QueryErrorCode, type SourceRange } from "@headcut/plan";
import type { Grpc, GrpcLibrary } from "./grpc.ts";

/** Trailer with the whole error as JSON; clients that do not know it have the status and its sentence. */
const ERROR_HEADER = "headcut-error-bin";
/** Headers of HTTP/2 are small: 64 KiB for all of them. */
const MAX_SENTENCE = 4000;

type Code = keyof typeof Grpc.status;

const STATUS: Readonly<Record<QueryErrorCode, Code>> = {
  syntax: "INVALID_ARGUMENT",
  "unknown-table": "NOT_FOUND",
  "unknown-column": "INVALID_ARGUMENT",
  "ambiguous-column": "INVALID_ARGUMENT",
  "unknown-function": "INVALID_ARGUMENT",
  "type-mismatch": "INVALID_ARGUMENT",
  "invalid-argument": "INVALID_ARGUMENT",
  "already-exists": "ALREADY_EXISTS",
  unsupported: "UNIMPLEMENTED",
  overflow: "OUT_OF_RANGE",
  conversion: "INVALID_ARGUMENT",
  "too-many-rows": "INVALID_ARGUMENT",
  "corrupt-file": "DATA_LOSS",
  io: "UNAVAILABLE",
  "out-of-memory": "RESOURCE_EXHAUSTED",
  cancelled: "CANCELLED",
  timeout: "DEADLINE_EXCEEDED",
  closed: "UNAVAILABLE",
};

/** How a handler's failure goes to the caller. What is no QueryError is a bug of ours: "internal". */
export const statusOf = (grpc: GrpcLibrary, error: unknown): Grpc.StatusObject => {
  const metadata = new grpc.Metadata();
  const known = error instanceof QueryError;
  const message = shorten(error instanceof Error ? error.message : String(error));
  const json = known
    ? { code: error.code, message, hint: error.hint && shorten(error.hint), range: error.range }
    : { code: "internal", message };
  metadata.set(ERROR_HEADER, Buffer.from(JSON.stringify(json)));
  const code = known ? grpc.status[STATUS[error.code]] : grpc.status.INTERNAL;
  return { code, details: message, metadata };
};

/** Through UTF-8, since lone surrogates would make encodeURI throw, by which the library writes the sentence. */
const shorten = (text: string): string =>
  Buffer.from(text.length > MAX_SENTENCE ? `${text.slice(0, MAX_SENTENCE)} …` : text).toString();

/** The failure of a call to `address`: as the other side threw it, or what its status says. */
export const errorOf = (grpc: GrpcLibrary, status: Grpc.StatusObject, address: string): Error => {
  const sent = sentError(status, address);
  if (sent !== undefined) return sent;
  const { code, details } = status;
  const sentence = `${address}: ${details}`;
  switch (code) {
    case grpc.status.CANCELLED:
      return new QueryError("cancelled", sentence);
    case grpc.status.DEADLINE_EXCEEDED:
      return new QueryError("timeout", `${address} did not answer in time`);
    case grpc.status.UNAUTHENTICATED:
    case grpc.status.PERMISSION_DENIED:
      return new QueryError("invalid-argument", sentence, { hint: "Pass the token of the cluster." });
    case grpc.status.RESOURCE_EXHAUSTED:
      return new QueryError("out-of-memory", sentence);
    case grpc.status.UNIMPLEMENTED:
      return new QueryError("unsupported", sentence);
    case grpc.status.INVALID_ARGUMENT:
    case grpc.status.NOT_FOUND:
    case grpc.status.OUT_OF_RANGE:
      return new QueryError("invalid-argument", sentence);
    case grpc.status.ALREADY_EXISTS:
      return new QueryError("already-exists", sentence);
    default:
      return new QueryError("io", sentence);
  }
};

const sentError = ({ metadata }: Grpc.StatusObject, address: string): Error | undefined => {
  const [bytes] = metadata.get(ERROR_HEADER);
  if (!(bytes instanceof Buffer)) return undefined;
  try {
    const { code, message, hint, range } = JSON.parse(bytes.toString()) as Record<string, unknown>;
    if (typeof code !== "string" || typeof message !== "string") return undefined;
    if (code === "internal") return new Error(`${address}: ${message}`);
    if (!Object.hasOwn(STATUS, code)) return undefined;
    return new QueryError(code as QueryErrorCode, message, {
      ...(typeof hint === "string" ? { hint } : {}),
      ...(isRange(range) ? { range: { start: range.start, end: range.end } } : {}),
    });
  } catch {
    return undefined;
  }
};

const isRange = (range: unknown): range is SourceRange => {
  if (typeof range !== "object" || range === null) return false;
  const { start, end } = range as Partial<SourceRange>;
  return Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start! && start! <= end!;
};
