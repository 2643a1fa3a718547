import { FIRST_OPERATOR_CODE } from "../expressions/raise-code.ts";

/** Codes of `host.raise(code, detail)` that operators add to those of expressions (expressions/raise-code.ts). */
export const operatorRaiseCode = {
  /** A scalar subquery gave a second row. detail: operatorId. */
  tooManyRows: FIRST_OPERATOR_CODE,
  /** The query block's cancel flag was seen inside a long loop. detail: 0. */
  cancelled: FIRST_OPERATOR_CODE + 1,
} as const;
