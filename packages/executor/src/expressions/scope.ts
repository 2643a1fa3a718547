import type { ColumnId } from "@headcut/plan";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import type { CodeModule } from "./code-module.ts";
import type { Value } from "./value.ts";

/** Where an expression's code goes and what it may refer to. */
export interface ExpressionScope {
  readonly fn: FunctionBuilder;
  readonly module: CodeModule;
  /** i32, set from the function's entry on: address of the thread context. */
  readonly context: Local;
  /** Named by errors such as out of memory. */
  readonly operatorId: number;
  /**
   * The column's value, whose locals hold the current row's value wherever the expression's code runs. Callers load
   * columns before the expression: code may ask for a column first inside a branch.
   */
  column(id: ColumnId): Value;
}
