import {
  type AggregateCall,
  type AggregateColumn,
  constant,
  type DataType,
  type Expression,
  int64,
  QueryError,
  type SortKey,
  typeName,
  varchar,
} from "@headcut/plan";
import { evaluateConstant } from "../fold/evaluate.ts";
import { type AggregateFunction, aggregateFunction } from "../functions/aggregates.ts";
import { plural } from "../functions/plural.ts";
import { castTo, coerce } from "../functions/resolve.ts";
import { printTree } from "../syntax/print-tree.ts";
import type * as tree from "../syntax/tree.ts";
import { sameExpression } from "../traverse/expression.ts";
import { columnLevel, outerEnv } from "./bind-column.ts";
import type { AggregateSink, ExpressionEnv } from "./bind-context.ts";
import { asBoolean, bindExpression } from "./operands.ts";

/** Aggregates whose answer does not change when values repeat. */
const BLIND_TO_DUPLICATES: ReadonlySet<string> = new Set(["min", "max", "boolAnd", "boolOr", "anyValue"]);
const ORDER_SENSITIVE: ReadonlySet<string> = new Set(["stringAgg", "first", "anyValue"]);

/** An aggregate: it is added to those of the query it belongs to, and is here the column it will be. */
export const bindAggregate = (node: tree.Call, env: ExpressionEnv): Expression => {
  const home = outerEnv(env, aggregateLevel(node, env));
  const sink = home.aggregates;
  if (sink === undefined) throw misplaced(home, node);
  const { call, output } = aggregateCall(node, sink);
  const column = addAggregate(call, printTree(node), sink, env);
  const ref: Expression = {
    kind: "column",
    id: column.id,
    name: column.name,
    type: call.type,
    nullable: call.nullable,
  };
  return output === undefined ? ref : castTo(ref, output, node.range);
};

const misplaced = (env: ExpressionEnv, node: tree.Call): QueryError => {
  if (env.clause === AGGREGATE_ARGUMENT) {
    return new QueryError("invalid-argument", "aggregates cannot be nested", {
      range: node.range,
      hint: "compute the inner one in a subquery",
    });
  }
  const hint = env.clause === "WHERE" ? { hint: "use HAVING for conditions on aggregates" } : {};
  return new QueryError("invalid-argument", `there can be no aggregate in ${env.clause}`, {
    range: node.range,
    ...hint,
  });
};

export const AGGREGATE_ARGUMENT = "an aggregate";

/**
 * An aggregate belongs to the innermost query that one of its columns comes from (as in PostgreSQL, §4.2.7), and to
 * this one if it has none.
 */
const aggregateLevel = (node: tree.Call, env: ExpressionEnv): number => {
  const levels: number[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === "object" && value !== null && "kind" in value) {
      const inner = value as tree.Expression | tree.Query;
      // A subquery's names are its own business; its being here makes the aggregate local.
      if (inner.kind === "query") levels.push(0);
      else if (inner.kind === "columnName") levels.push(columnLevel(inner, env) ?? 0);
      else Object.values(inner).forEach(visit);
    }
  };
  visit([node.args, node.filter, node.orderBy]);
  return levels.length === 0 ? 0 : Math.min(...levels);
};

/** The same aggregate twice is computed once. */
const addAggregate = (call: AggregateCall, name: string, sink: AggregateSink, env: ExpressionEnv): AggregateColumn => {
  const known = sink.columns.find((column) => sameCall(column.call, call));
  if (known !== undefined) return known;
  const column: AggregateColumn = { id: env.state.ids.next(), name, call };
  sink.columns.push(column);
  return column;
};

const sameCall = (a: AggregateCall, b: AggregateCall): boolean =>
  a.name === b.name &&
  a.distinct === b.distinct &&
  a.args.length === b.args.length &&
  a.args.every((arg, i) => sameExpression(arg, b.args[i]!)) &&
  (a.filter === undefined ? b.filter === undefined : b.filter !== undefined && sameExpression(a.filter, b.filter)) &&
  a.orderBy.length === 0 &&
  b.orderBy.length === 0;

interface TypedCall {
  readonly call: AggregateCall;
  /** What the aggregate's value is cast to. */
  readonly output: DataType | undefined;
}

const aggregateCall = (node: tree.Call, sink: AggregateSink): TypedCall => {
  const name = node.name.name.toLowerCase();
  const env = sink.inputEnv;
  const filter = node.filter && asBoolean(bindExpression(node.filter, env), "FILTER");
  if (name === "count_if" || name === "countif") return countIf(node, filter, env);
  if (node.star || (name === "count" && node.args.length === 0)) return countStar(node, name, filter);
  const entry = aggregateFunction(name)!;
  const extra = entry.name === "stringAgg" ? 2 : 1;
  if (node.args.length === 0 || node.args.length > extra) {
    throw new QueryError("invalid-argument", `${name} does not take ${plural(node.args.length, "argument")}`, {
      range: node.range,
    });
  }
  const value = bindExpression(node.args[0]!, env);
  const types = entry.types(value.expression.type);
  if (types === undefined) throw wrongType(entry, name, value.expression.type, node);
  const arg = coerce(value, types.argument);
  const args = entry.name === "stringAgg" ? [arg, separator(node, env)] : [arg];
  const nullable =
    entry.name !== "count" &&
    (sink.emptyGroups || filter !== undefined || arg.nullable || types.argument.kind === "null" || isSample(entry));
  return {
    call: {
      name: entry.name,
      args,
      filter,
      distinct: node.distinct && !BLIND_TO_DUPLICATES.has(entry.name),
      orderBy: ORDER_SENSITIVE.has(entry.name) ? sortKeys(node.orderBy, env) : [],
      type: types.result,
      nullable,
    },
    output: types.output,
  };
};

/** One value has no sample variance. */
const isSample = (entry: AggregateFunction): boolean => entry.name === "stddevSamp" || entry.name === "varSamp";

const countStar = (node: tree.Call, name: string, filter: Expression | undefined): TypedCall => {
  if (name !== "count" || node.distinct) {
    throw new QueryError("invalid-argument", `${name}(${node.distinct ? "DISTINCT " : ""}*) is no aggregate`, {
      range: node.range,
    });
  }
  return {
    call: { name: "countStar", args: [], filter, distinct: false, orderBy: [], type: int64, nullable: false },
    output: undefined,
  };
};

/** `count_if(x)` is `count(*) FILTER (WHERE x)`. */
const countIf = (node: tree.Call, filter: Expression | undefined, env: ExpressionEnv): TypedCall => {
  if (node.args.length !== 1 || filter !== undefined) {
    throw new QueryError("invalid-argument", "count_if takes one condition and no FILTER", { range: node.range });
  }
  return countStar(
    { ...node, distinct: false },
    "count",
    asBoolean(bindExpression(node.args[0]!, env), "the condition of count_if"),
  );
};

const wrongType = (entry: AggregateFunction, name: string, type: DataType, node: tree.Call): QueryError => {
  const later = entry.name === "median" || entry.name === "avg";
  return later &&
    (type.kind === "date" || type.kind === "timestamp" || type.kind === "interval" || type.kind === "time")
    ? new QueryError("unsupported", `${name}(${typeName(type)}) is not supported`, { range: node.range })
    : new QueryError("type-mismatch", `there is no aggregate ${name}(${typeName(type)})`, { range: node.range });
};

const separator = (node: tree.Call, env: ExpressionEnv): Expression => {
  if (node.args.length === 1) return constant(varchar, ",");
  const arg = bindExpression(node.args[1]!, env);
  const value = evaluateConstant(coerce(arg, varchar));
  if (value === undefined) {
    throw new QueryError("unsupported", "the separator must be a constant", { range: arg.range });
  }
  return constant(varchar, value.value);
};

const sortKeys = (items: readonly tree.OrderItem[], env: ExpressionEnv): readonly SortKey[] =>
  items.flatMap((item) =>
    item.kind === "orderAll"
      ? []
      : [
          {
            expression: bindExpression(item.expression, env).expression,
            descending: item.direction === "desc",
            nullsFirst: item.nulls === "first",
          },
        ],
  );
