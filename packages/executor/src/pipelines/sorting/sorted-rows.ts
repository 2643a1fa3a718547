import type { Column, ColumnId, Expression, SortKey } from "@headcut/plan";
import { compileExpression } from "../../expressions/compile-expression.ts";
import type { Value } from "../../expressions/value.ts";
import type { Local } from "../../wasm/function-builder.ts";
import type { Code } from "../code.ts";
import { expressionColumns } from "../expression-columns.ts";
import type { KeptStrings } from "../kept-strings.ts";
import { materializedRow, storeColumns } from "../materialized.ts";
import type { Consumer, QueryBuilder } from "../query-builder.ts";
import type { Row } from "../row.ts";
import { type Field, fieldShape, layoutRow, type RowLayout, storeField } from "../row-layout.ts";
import { openRowSource } from "../row-source.ts";

/** Rows that are kept to be sorted: the columns that the operators above read, and the keys. */
export interface SortedRows {
  readonly operatorId: number;
  readonly keys: readonly SortKey[];
  /** Input columns that are read for them. */
  readonly needs: ReadonlySet<ColumnId>;
  readonly stride: number;
  readonly layout: RowLayout;
  readonly columns: ReadonlyMap<ColumnId, Field>;
  readonly keyFields: readonly Field[];
}

export const planSortedRows = (
  operatorId: number,
  input: readonly Column[],
  keys: readonly SortKey[],
  needs: ReadonlySet<ColumnId>,
  headerBytes: number,
): SortedRows => {
  const expressions = keys.map(({ expression }) => expression);
  const read = new Set([...needs, ...expressions.flatMap((key) => (key.kind === "column" ? [key.id] : []))]);
  const kept = input.filter(({ id }) => read.has(id));
  const computed = expressions.filter((key) => key.kind !== "column");
  const layout = layoutRow(headerBytes, [...kept, ...computed].map(fieldShape));
  const { stride, fields } = layout;
  const columns = new Map(kept.map(({ id }, i) => [id, fields[i]!]));
  const fieldOf = (key: Expression): Field =>
    key.kind === "column" ? columns.get(key.id)! : fields[kept.length + computed.indexOf(key)]!;
  return {
    operatorId,
    keys,
    needs: new Set([...read, ...expressionColumns(...expressions)]),
    stride,
    layout,
    columns,
    keyFields: expressions.map(fieldOf),
  };
};

/** The current row's keys. */
export const sortKeyValues = (code: Code, { operatorId, keys }: SortedRows, row: Row): Value[] => {
  row.load(expressionColumns(...keys.map(({ expression }) => expression)));
  return keys.map(({ expression }) => compileExpression(expression, code.scope(operatorId, row.column)));
};

/** What becomes of strings: those that are `kept` are not copied once more; without `copies`, none is, and keys are columns. */
export interface StoredStrings {
  readonly kept?: KeptStrings;
  readonly copies?: boolean;
}

/** Fills the row at `address`. */
export const storeSortedRow = (
  code: Code,
  { operatorId, keys, columns, keyFields }: SortedRows,
  address: Local,
  row: Row,
  keyValues: readonly Value[],
  { kept, copies = true }: StoredStrings = {},
): void => {
  row.load(columns.keys());
  storeColumns(code, operatorId, columns, address, row, copies, kept);
  keys.forEach(({ expression }, i) => {
    if (expression.kind !== "column") storeField(code, operatorId, keyFields[i]!, address, keyValues[i]!, false);
  });
};

/** The pipeline above: reads the list in order, on one thread. */
export const produceSorted = (
  query: QueryBuilder,
  { operatorId, columns, stride }: SortedRows,
  label: string,
  listOffset: number,
  consumer: Consumer,
): void =>
  openRowSource(query, listOffset, stride, (pipeline, address) => {
    pipeline.enter(operatorId, label);
    pipeline.keepOrder();
    pipeline.countRow(operatorId);
    consumer.consume(pipeline, materializedRow(pipeline.code, columns, address));
  });
