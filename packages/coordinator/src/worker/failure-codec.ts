import { wire } from "@headcut/plan";
import type { AttemptFailure } from "../schedule/query-events.ts";
import type { QueryFailure } from "../schedule/query-state.ts";

const { errorCode, natural, object, omittable, text, union } = wire;

const failure = object<QueryFailure>({ code: errorCode, message: text, hint: omittable(text) });

export const attemptFailure = union<AttemptFailure>(() => ({
  elsewhere: { failure },
  fatal: { failure },
  inputLost: { input: natural, why: omittable(text) },
}));
