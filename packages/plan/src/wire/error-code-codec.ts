import type { QueryErrorCode } from "../query-error.ts";
import { keyOf } from "./scalar-codecs.ts";

/** The code of a QueryError. */
export const errorCode = keyOf<QueryErrorCode>({
  syntax: true,
  "unknown-table": true,
  "unknown-column": true,
  "ambiguous-column": true,
  "unknown-function": true,
  "type-mismatch": true,
  "invalid-argument": true,
  "already-exists": true,
  unsupported: true,
  overflow: true,
  conversion: true,
  "too-many-rows": true,
  "corrupt-file": true,
  io: true,
  "out-of-memory": true,
  cancelled: true,
  timeout: true,
  closed: true,
});
