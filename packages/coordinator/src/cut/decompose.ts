import {
  type AggregateCall,
  type AggregateColumn,
  type AggregateName,
  type Column,
  cast,
  columnRef,
  compare,
  constant,
  type DataType,
  decimal,
  double,
  type Expression,
  hugeint,
  int64,
  isDecimal,
  isFloating,
  isInteger,
  isNull,
} from "@headcut/plan";

/** An aggregation in two steps. `finish` makes one of the wanted columns from the columns of the final step. */
export interface Decomposed {
  readonly partial: readonly AggregateColumn[];
  readonly final: readonly AggregateColumn[];
  readonly finish: readonly Expression[];
}

/** Rows of a table, at the most: what a sum's type must hold beyond its argument's. */
const MAX_ROW_DIGITS = 15;

interface Steps {
  /** The column of a partial aggregate; equal ones are computed once. */
  partial(call: AggregateCall): Column;
  /** The column of an aggregate over partial results, as an expression. */
  final(call: AggregateCall): Expression;
}

const plain = (name: AggregateName, args: readonly Expression[], type: DataType, nullable: boolean): AggregateCall => ({
  name,
  args,
  filter: undefined,
  distinct: false,
  orderBy: [],
  type,
  nullable,
});

const sumType = (type: DataType): DataType =>
  isInteger(type) ? hugeint : isDecimal(type) ? decimal(38, type.scale) : double;

/**
 * Splits aggregates into one step where the rows are and one over its results. Undefined if one of them needs all rows in one
 * place: medians, text and first values in an order. Variances are put together from counts, means and variances, as sums of squares would lose their digits.
 */
export const decompose = (
  aggregates: readonly AggregateColumn[],
  grouped: boolean,
  nextColumn: () => number,
): Decomposed | undefined => {
  const partial = new Map<string, AggregateColumn>();
  const final = new Map<string, AggregateColumn>();
  const columnOf = ({ id, name, call }: AggregateColumn): Column => ({
    id,
    name,
    type: call.type,
    nullable: call.nullable,
  });
  const once = (known: Map<string, AggregateColumn>, name: string, call: AggregateCall): AggregateColumn => {
    const key = JSON.stringify(call, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
    const column = known.get(key) ?? { id: nextColumn(), name, call };
    known.set(key, column);
    return column;
  };
  const finish: Expression[] = [];
  for (const { name, call } of aggregates) {
    const steps: Steps = {
      partial: (part) => columnOf(once(partial, name, part)),
      final: (whole) => columnRef(columnOf(once(final, name, whole))),
    };
    const finished = finishOf(call, grouped, steps);
    if (finished === undefined) return undefined;
    finish.push(finished);
  }
  return { partial: [...partial.values()], final: [...final.values()], finish };
};

/** How the aggregate's value comes about; undefined if it cannot be had from parts. */
const finishOf = (call: AggregateCall, grouped: boolean, { partial, final }: Steps): Expression | undefined => {
  const { name, filter, type, nullable } = call;
  const [arg] = call.args;
  switch (name) {
    case "count":
    case "countStar":
      return total(partial(call), grouped, { partial, final });
    case "sum":
    case "min":
    case "max":
    case "boolAnd":
    case "boolOr":
      return final(plain(name, [columnRef(partial(call))], type, nullable));
    case "anyValue":
      if (call.orderBy.length > 0) return undefined;
      return final(plain(name, [columnRef(partial(call))], type, nullable));
    case "first": {
      if (call.orderBy.length > 0) return undefined;
      // A part without rows has no first value; its NULL is not to be taken for one.
      const rows = partial({ ...plain("countStar", [], int64, false), filter });
      const some = compare("gt", columnRef(rows), constant(int64, 0n));
      return final({ ...plain(name, [columnRef(partial(call))], type, nullable), filter: some });
    }
    case "avg": {
      const sum = partial({ ...plain("sum", [arg!], sumType(arg!.type), nullable), filter });
      const count = partial(
        arg!.nullable
          ? { ...plain("count", [arg!], int64, false), filter }
          : { ...plain("countStar", [], int64, false), filter },
      );
      const whole = final(plain("sum", [columnRef(sum)], sum.type, nullable));
      const rows = final(plain("sum", [columnRef(count)], hugeint, !grouped));
      return quotient(whole, rows, arg!.type, type, nullable);
    }
    case "stddevSamp":
    case "stddevPop":
    case "varSamp":
    case "varPop": {
      const rows = partial({ ...plain("count", [arg!], int64, false), filter });
      const mean = partial({ ...plain("avg", [arg!], double, nullable), filter });
      const spread = partial({ ...plain("varPop", [arg!], double, nullable), filter });
      return final(plain(name, [columnRef(rows), columnRef(mean), columnRef(spread)], type, nullable));
    }
    case "stringAgg":
      if (call.orderBy.length > 0) return undefined;
      return final(plain(name, [columnRef(partial(call)), call.args[1]!], type, nullable));
    case "median":
      return undefined;
  }
};

/** The sum of partial counts: 0, not NULL, when there was no part at all. */
const total = (count: Column, grouped: boolean, { final }: Steps): Expression => {
  const sum = final(plain("sum", [columnRef(count)], hugeint, !grouped));
  const whole: Expression = { ...cast(sum, int64), nullable: false };
  if (grouped) return whole;
  return {
    kind: "case",
    // biome-ignore lint/suspicious/noThenProperty: a branch of the expression type.
    branches: [{ when: isNull(sum), then: constant(int64, 0n) }],
    otherwise: whole,
    type: int64,
    nullable: false,
  };
};

const multiplied = (left: Expression, right: Expression, type: DataType): Expression => ({
  kind: "arithmetic",
  op: "mul",
  left,
  right,
  type,
  nullable: left.nullable || right.nullable,
});

/**
 * The average: where a decimal's sum leaves room for it, by the division that one aggregation would do, unscaled sum by count times
 * 10^scale, so that both round alike.
 */
const quotient = (
  sum: Expression,
  count: Expression,
  argument: DataType,
  type: DataType,
  nullable: boolean,
): Expression => {
  let dividend: Expression = cast(sum, double);
  let divisor: Expression = cast(count, double);
  if (isDecimal(argument) && argument.scale > 0 && argument.precision + argument.scale + MAX_ROW_DIGITS <= 38) {
    const { scale } = argument;
    const unscaled = multiplied(sum, constant(decimal(scale + 1, 0), 10n ** BigInt(scale)), decimal(38, scale));
    dividend = cast(cast(unscaled, hugeint), double);
    divisor = multiplied(divisor, constant(double, 10 ** scale), double);
  } else if (isFloating(argument)) {
    dividend = sum;
  }
  return { kind: "arithmetic", op: "div", left: dividend, right: divisor, type, nullable };
};
