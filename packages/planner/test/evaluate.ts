import type { AggregateCall, DataType, Expression, SortKey, Value } from "@headcut/plan";

/** A row as a test sees it: a value per column id. */
export type Row = ReadonlyMap<number, Value>;

const normal = (value: Value): Value => (typeof value === "number" && Number.isInteger(value) ? BigInt(value) : value);

/** Orders two values of one type that are not NULL. */
export const order = (a: Value, b: Value): number => {
  const [x, y] = [normal(a), normal(b)] as [string, string];
  return x < y ? -1 : x > y ? 1 : 0;
};

const toType = (value: Value, type: DataType): Value => {
  if (value === null) return null;
  switch (type.kind) {
    case "int64":
    case "decimal":
      return typeof value === "bigint" ? value : BigInt(Math.trunc(Number(value)));
    case "int8":
    case "int32":
    case "double":
      return Number(value);
    case "varchar":
      return String(value);
    default:
      return value;
  }
};

/** Evaluates an expression on a row, in three-valued logic. Knows what the tests use. */
export const evaluate = (expression: Expression, row: Row): Value => {
  const of = (inner: Expression): Value => evaluate(inner, row);
  switch (expression.kind) {
    case "column": {
      const value = row.get(expression.id);
      if (value === undefined) throw new Error(`no column ${expression.name}#${expression.id} in the row`);
      return value;
    }
    case "constant":
      return expression.value;
    case "compare": {
      const [a, b] = [of(expression.left), of(expression.right)];
      const { op } = expression;
      if (op === "distinct" || op === "notDistinct") {
        const same = a === null || b === null ? a === b : order(a, b) === 0;
        return (op === "notDistinct") === same;
      }
      if (a === null || b === null) return null;
      const sign = order(a, b);
      return { eq: sign === 0, ne: sign !== 0, lt: sign < 0, le: sign <= 0, gt: sign > 0, ge: sign >= 0 }[op];
    }
    case "and":
    case "or": {
      const decisive = expression.kind === "or";
      const values = expression.args.map(of);
      return values.includes(decisive) ? decisive : values.includes(null) ? null : !decisive;
    }
    case "not": {
      const value = of(expression.arg);
      return value === null ? null : !value;
    }
    case "isNull":
      return of(expression.arg) === null;
    case "arithmetic": {
      const [a, b] = [of(expression.left), of(expression.right)];
      if (a === null || b === null) return null;
      const [x, y] = [normal(a) as bigint, normal(b) as bigint];
      switch (expression.op) {
        case "add":
          return toType(x + y, expression.type);
        case "sub":
          return toType(x - y, expression.type);
        case "mul":
          return toType(x * y, expression.type);
        default:
          throw new Error(`${expression.op} is not in the test evaluator`);
      }
    }
    case "negate": {
      const value = of(expression.arg);
      return value === null ? null : toType(-(normal(value) as bigint), expression.type);
    }
    case "case": {
      const branch = expression.branches.find(({ when }) => of(when) === true);
      return of(branch?.then ?? expression.otherwise);
    }
    case "cast":
      return toType(of(expression.arg), expression.type);
    case "inList": {
      const value = of(expression.arg);
      if (value === null) return null;
      const list = expression.list.map(of);
      if (list.some((item) => item !== null && order(item, value) === 0)) return true;
      return list.includes(null) ? null : false;
    }
    default:
      throw new Error(`${expression.kind} is not in the test evaluator`);
  }
};

export const compareKeys =
  (keys: readonly SortKey[]) =>
  (a: Row, b: Row): number => {
    for (const { expression, descending, nullsFirst } of keys) {
      const [x, y] = [evaluate(expression, a), evaluate(expression, b)];
      if (x === null && y === null) continue;
      if (x === null || y === null) return (x === null) === nullsFirst ? -1 : 1;
      const sign = order(x, y);
      if (sign !== 0) return descending ? -sign : sign;
    }
    return 0;
  };

/** A text equal for values that GROUP BY takes for the same. */
export const groupKey = (values: readonly Value[]): string =>
  values
    .map((value) => (value === null ? "NULL" : `${typeof value === "string" ? "s" : ""}${String(normal(value))}`))
    .join("|");

/** One aggregate over the rows of a group. */
export const aggregate = (call: AggregateCall, rows: readonly Row[]): Value => {
  const chosen = rows.filter((row) => call.filter === undefined || evaluate(call.filter, row) === true);
  if (call.name === "countStar") return BigInt(chosen.length);
  const ordered = call.orderBy.length === 0 ? chosen : [...chosen].sort(compareKeys(call.orderBy));
  const all = ordered.map((row) => evaluate(call.args[0]!, row));
  if (call.name === "first") return all[0] ?? null;
  let values = all.filter((value) => value !== null);
  if (call.distinct) {
    const seen = new Set<string>();
    values = values.filter((value) => !seen.has(groupKey([value])) && seen.add(groupKey([value])));
  }
  if (call.name === "count") return BigInt(values.length);
  if (values.length === 0) return null;
  switch (call.name) {
    case "sum":
      return values.reduce<bigint>((sum, value) => sum + (normal(value) as bigint), 0n);
    case "min":
      return values.reduce((a, b) => (order(a, b) <= 0 ? a : b));
    case "max":
      return values.reduce((a, b) => (order(a, b) >= 0 ? a : b));
    case "avg":
      return values.reduce<number>((sum, value) => sum + Number(value), 0) / values.length;
    case "anyValue":
      return values[0]!;
    default:
      throw new Error(`${call.name} is not in the test evaluator`);
  }
};
