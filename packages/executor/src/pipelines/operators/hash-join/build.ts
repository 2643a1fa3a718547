import type { Expression } from "@headcut/plan";
import { compileExpression } from "../../../expressions/compile-expression.ts";
import { emitHash } from "../../../expressions/hash.ts";
import { anyNull, type Value } from "../../../expressions/value.ts";
import type { Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import { expressionColumns } from "../../expression-columns.ts";
import { keepStrings } from "../../kept-strings.ts";
import { storeColumns } from "../../materialized.ts";
import type { PipelineBuilder } from "../../pipeline-builder.ts";
import type { Consumer, QueryBuilder } from "../../query-builder.ts";
import { emitAppendRow } from "../../row-buffer.ts";
import { storeField } from "../../row-layout.ts";
import { type JoinTable, joinRow, joinState, stateAddress, UNMATCHABLE } from "./join-table.ts";
import { openKeyBounds } from "./key-filters.ts";

/** Where build rows go. */
export interface BuildRows {
  readonly open: (pipeline: PipelineBuilder) => void;
  /** Address of a new row. */
  readonly row: (code: Code) => Local;
  /** Strings that do not last are copied to the thread's arena; false: `done` copies them. */
  readonly copies: boolean;
  /** The row is complete. */
  readonly done: (code: Code, row: Local) => void;
}

/** To the thread's buffer. Rows are chained when all are there and their number is known. */
const inMemory = ({ plan, threads, stride }: JoinTable): BuildRows => ({
  open: (pipeline) => threads.open(pipeline),
  row: (code) => emitAppendRow(code, plan.operatorId, threads.own(code), 0, stride),
  copies: true,
  done: () => undefined,
});

/** The sink of the build side. */
export const buildSink = (query: QueryBuilder, table: JoinTable, rows: BuildRows = inMemory(table)): Consumer => {
  const { plan } = table;
  const expressions = plan.keys.map(({ build }) => build);
  return {
    needs: new Set([...table.columns.keys(), ...expressionColumns(...expressions)]),
    consume(pipeline, row) {
      rows.open(pipeline);
      pipeline.enter(plan.operatorId, "build");
      const { code } = pipeline;
      const kept = rows.copies ? keepStrings(query, pipeline, plan.operatorId, table.columns.keys(), row) : undefined;
      row.load(expressionColumns(...expressions));
      const scope = code.scope(plan.operatorId, row.column);
      const keys = expressions.map((expression) => compileExpression(expression, scope));
      const unmatchable = anyNull(
        code.fn,
        keys.filter((_, i) => !plan.keys[i]!.nullSafe),
      );
      const bounds = openKeyBounds(pipeline, table);
      const append = (): void => {
        bounds.widen(keys, unmatchable);
        const address = rows.row(code);
        fillHeader(pipeline, table, address, keys, unmatchable);
        storeColumns(code, plan.operatorId, table.columns, address, row, rows.copies, kept);
        keys.forEach((key, i) => {
          if (isStoredAsColumn(expressions[i]!)) return;
          storeField(code, plan.operatorId, table.keyFields[i]!, address, key, !rows.copies);
        });
        rows.done(code, address);
      };
      if (unmatchable === undefined || table.keepsUnmatchable) {
        append();
        return;
      }
      code.fn.get(unmatchable);
      code.fn.if(() => noteNullKey(pipeline, table), append);
    },
  };
};

const isStoredAsColumn = (key: Expression): boolean => key.kind === "column";

const noteNullKey = ({ code }: PipelineBuilder, { plan, state }: JoinTable): void => {
  if (plan.joinKind !== "mark") return;
  code.fn.get(stateAddress(code, state));
  code.fn.i32(1);
  code.fn.mem("i32.store", joinState.nullKey);
};

const fillHeader = (
  { code }: PipelineBuilder,
  { plan, marksMatches, index }: JoinTable,
  address: Local,
  keys: readonly Value[],
  unmatchable: Local | undefined,
): void => {
  const { fn } = code;
  fn.get(address);
  if (unmatchable === undefined) {
    fn.i32(0);
  } else {
    fn.i32(UNMATCHABLE);
    fn.i32(0);
    fn.get(unmatchable);
    fn.op("select");
  }
  fn.mem("i32.store", joinRow.next);
  if (index === undefined) {
    fn.get(address);
    emitHash(
      code.scope(plan.operatorId),
      keys,
      plan.keys.map(({ build }) => build.type),
    );
    fn.op("i32.wrap_i64");
    fn.mem("i32.store", joinRow.hash);
  }
  if (marksMatches) {
    fn.get(address);
    fn.i32(0);
    fn.mem("i32.store8", joinRow.matched);
  }
};
