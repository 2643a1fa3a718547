import { QueryError } from "@headcut/plan";
import type { ByteRange } from "./object-client.ts";
import { RequestFailure } from "./request-failure.ts";

/** The QueryError "io" for a request that failed for good. Other errors (an abort's reason, our own bugs) stay what they are. */
export const objectError = (error: unknown, path: string, range?: ByteRange): unknown => {
  if (!(error instanceof RequestFailure)) return error;
  const { kind, message } = error;
  const what = range === undefined ? path : `bytes ${range.start}-${range.end - 1} of ${path}`;
  switch (kind) {
    case "changed":
      return new QueryError("io", `${path} has changed since the query was planned`, { hint: "Run the query again." });
    case "missing":
      return new QueryError("io", `cannot read ${what}: there is no such object (${message})`);
    case "denied":
      return new QueryError("io", `cannot read ${what}: the store denies it (${message})`, {
        hint: "Check the credentials, the region and the endpoint.",
      });
    case "transient":
    case "final":
      return new QueryError("io", `cannot read ${what}: ${message}`);
  }
};

export const changedError = (path: string): unknown => objectError(new RequestFailure("changed", ""), path);
