/**
 * Codes of `host.raise(code, detail)` that expressions use. Operators' own codes start at `FIRST_OPERATOR_CODE`.
 * `expressionError` (expression-error.ts) turns them into a QueryError.
 */
export const raiseCode = {
  /** detail: operatorId. */
  outOfMemory: 1,
  /** detail: index into the module's messages. */
  overflow: 2,
  /** detail: index into the module's messages. */
  conversion: 3,
  /** detail: address of { u32 index into the module's messages, u32 address, u32 bytes of the offending text }. */
  conversionOfText: 4,
  /** detail: index into the module's messages. */
  invalidArgument: 5,
} as const;

export type RaiseCode = (typeof raiseCode)[keyof typeof raiseCode];

export const FIRST_OPERATOR_CODE = 32;
