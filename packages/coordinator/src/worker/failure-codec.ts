import { type QueryErrorCode, wire } from "@headcut/plan";
import type { AttemptFailure } from "../schedule/query-events.ts";
import type { QueryFailure } from "../schedule/query-state.ts";

const { keyOf, natural, object, omittable, text, union } = wire;

const code = keyOf<QueryErrorCode>({
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

const failure = object<QueryFailure>({ code, message: text, hint: omittable(text) });

export const attemptFailure = union<AttemptFailure>(() => ({
  elsewhere: { failure },
  fatal: { failure },
  inputLost: { input: natural, why: omittable(text) },
}));
