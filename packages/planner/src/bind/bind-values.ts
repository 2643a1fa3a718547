import {
  type Column,
  constant,
  type DataType,
  type Expression,
  int32,
  type LogicalPlan,
  QueryError,
} from "@headcut/plan";
import { evaluateConstant } from "../fold/evaluate.ts";
import { commonOperandType, type Operand } from "../functions/operand.ts";
import { plural } from "../functions/plural.ts";
import { coerce, typeNames } from "../functions/resolve.ts";
import type * as tree from "../syntax/tree.ts";
import type { QueryEnv, QueryPlan, SubqueryJoin } from "./bind-context.ts";
import { columnlessEnv } from "./environments.ts";
import { bindExpression } from "./operands.ts";
import { applyJoins } from "./subquery-joins.ts";

interface BoundRow {
  readonly items: readonly Operand[];
  readonly joins: readonly SubqueryJoin[];
}

/**
 * `VALUES (…), (…)`: each column has the common type of its items, or the type that `targets` gives for it (INSERT). Rows of
 * constants are one `values` node; a row that must be computed is a projection of a row without columns.
 */
export const bindValues = (node: tree.Values, env: QueryEnv, targets?: readonly DataType[]): QueryPlan => {
  const width = node.rows[0]!.items.length;
  const rows = node.rows.map((row): BoundRow => {
    if (row.items.length !== width) {
      throw new QueryError(
        "invalid-argument",
        `one row of VALUES has ${plural(width, "item")}, another ${row.items.length}`,
        {
          range: row.range,
        },
      );
    }
    const inner = columnlessEnv(env, "VALUES");
    return { items: row.items.map((item) => bindExpression(item, inner)), joins: inner.joins };
  });
  const types = Array.from({ length: width }, (_, i) => targets?.[i] ?? columnType(rows, i));
  const typed = rows.map(({ items, joins }) => ({
    items: items.map((item, i) => constantFirst(coerce(item, types[i]!))),
    joins,
  }));
  const names = types.map((_, i) => `col${i}`);
  const columns = types.map((type, i): Column => {
    const nullable = typed.some((row) => row.items[i]!.nullable);
    return { id: env.state.ids.next(), name: names[i]!, type, nullable };
  });
  return { plan: valuesPlan(typed, columns, env), names };
};

/** What has a value now is a constant. */
const constantFirst = (expression: Expression): Expression => {
  const value = evaluateConstant(expression);
  return value === undefined ? expression : constant(value.type, value.value);
};

const columnType = (rows: readonly BoundRow[], index: number): DataType => {
  const operands = rows.map((row) => row.items[index]!);
  const type = commonOperandType(operands);
  if (type === undefined) {
    throw new QueryError("type-mismatch", `column ${index + 1} of VALUES mixes ${typeNames(operands)}`, {
      range: operands[0]!.range,
      hint: "cast them to one type",
    });
  }
  return type.kind === "null" ? int32 : type;
};

interface TypedRow {
  readonly items: readonly Expression[];
  readonly joins: readonly SubqueryJoin[];
}

const valuesPlan = (rows: readonly TypedRow[], columns: readonly Column[], env: QueryEnv): LogicalPlan => {
  const isConstant = (row: TypedRow): boolean => row.items.every((item) => item.kind === "constant");
  if (rows.every(isConstant)) return { kind: "values", columns, rows: rows.map((row) => row.items) };
  // The last union carries the promised ids, as does the only row.
  return rows.slice(1).reduce<LogicalPlan>(
    (left, row, i) => ({
      kind: "setOperation",
      op: "union",
      all: true,
      left,
      right: computedRow(row, fresh(columns, env)),
      columns: i === rows.length - 2 ? columns : fresh(columns, env),
    }),
    computedRow(rows[0]!, rows.length === 1 ? columns : fresh(columns, env)),
  );
};

const fresh = (columns: readonly Column[], env: QueryEnv): readonly Column[] =>
  columns.map((column) => ({ ...column, id: env.state.ids.next() }));

const computedRow = ({ items, joins }: TypedRow, columns: readonly Column[]): LogicalPlan => ({
  kind: "project",
  input: applyJoins({ kind: "values", columns: [], rows: [[]] }, joins),
  projections: items.map((expression, i) => ({ id: columns[i]!.id, name: columns[i]!.name, expression })),
});
