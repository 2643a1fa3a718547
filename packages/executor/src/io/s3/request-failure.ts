/**
 * What a failed request means. `transient`: the same request may succeed later. `changed`: the object is not the one that was
 * planned. The others stay as they are.
 */
export type FailureKind = "transient" | "changed" | "missing" | "denied" | "final";

/** One request that failed. The message is fit for users: it has no credentials. */
export class RequestFailure extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string) {
    super(message);
    this.name = "RequestFailure";
    this.kind = kind;
  }
}

/** What may pass: the network's, and the server's own troubles. */
const TRANSIENT_CODES = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "ENETUNREACH",
  "ENETDOWN",
  "EHOSTUNREACH",
  "ERR_STREAM_PREMATURE_CLOSE",
  "TimeoutError",
  "RequestTimeout",
  "RequestTimeoutException",
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
  "InternalError",
  "ServiceUnavailable",
  "OperationAborted",
]);

/** Of an error that the S3 library or the network threw: `secrets` do not appear in it. */
export const requestFailure = (error: unknown, secrets: readonly string[] = []): RequestFailure => {
  if (error instanceof RequestFailure) return error;
  const { name, code, message, status } = partsOf(error);
  const kind = kindOf(name, code, status);
  const label = code ?? (name === "Error" ? "" : name);
  const reason = [label, message === label ? "" : message].filter((part) => part !== "").join(": ");
  const text = `${reason === "" ? "no reason was given" : reason}${status === undefined ? "" : ` (HTTP ${status})`}`;
  return new RequestFailure(kind, hide(text, secrets));
};

const partsOf = (
  error: unknown,
): { readonly name: string; readonly code?: string; readonly message: string; readonly status?: number } => {
  if (typeof error !== "object" || error === null) return { name: "Error", message: String(error) };
  const { name, code, message, $metadata } = error as {
    name?: unknown;
    code?: unknown;
    message?: unknown;
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode;
  return {
    name: typeof name === "string" ? name : "Error",
    message: typeof message === "string" ? message : "",
    ...(typeof code === "string" && { code }),
    ...(status !== undefined && { status }),
  };
};

const kindOf = (name: string, code: string | undefined, status: number | undefined): FailureKind => {
  if (status === 404) return "missing";
  if (status === 412 || status === 416) return "changed";
  if (TRANSIENT_CODES.has(name) || (code !== undefined && (TRANSIENT_CODES.has(code) || code.startsWith("HPE_")))) {
    return "transient";
  }
  if (status === 429 || status === 408 || (status !== undefined && status >= 500)) return "transient";
  if (status === 401 || status === 403) return "denied";
  // An answer that cannot be understood: a proxy's page, or half of one.
  return status !== undefined && status < 300 ? "transient" : "final";
};

/** Some stores repeat a request in their answer. */
const hide = (text: string, secrets: readonly string[]): string => {
  let hidden = text;
  for (const secret of secrets) if (secret !== "") hidden = hidden.replaceAll(secret, "…");
  return hidden.replace(/\s+/g, " ").slice(0, MAX_MESSAGE_LENGTH);
};

const MAX_MESSAGE_LENGTH = 300;
