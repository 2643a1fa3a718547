import {
  type AggregateName,
  type DataType,
  decimal,
  double,
  hugeint,
  int32,
  int64,
  isDecimal,
  isFloating,
  isInteger,
  isNumeric,
  varchar,
} from "@headcut/plan";

/** How an aggregate types its argument. */
export interface AggregateTypes {
  /** The argument is cast to it. */
  readonly argument: DataType;
  readonly result: DataType;
  /** The result is cast to it afterwards, where DuckDB's type is narrower. */
  readonly output?: DataType;
}

export interface AggregateFunction {
  readonly name: AggregateName;
  /** Its names in SQL. */
  readonly sqlNames: readonly string[];
  /** undefined when the aggregate does not take that type. */
  readonly types: (argument: DataType) => AggregateTypes | undefined;
  readonly doc: string;
}

/** NULL alone counts as INTEGER, as in DuckDB. */
const concrete = (type: DataType): DataType => (type.kind === "null" ? int32 : type);

const same = (type: DataType): AggregateTypes => ({ argument: concrete(type), result: concrete(type) });

const sum = (type: DataType): AggregateTypes | undefined => {
  if (type.kind === "boolean") return { argument: int32, result: hugeint };
  if (type.kind === "null") return { argument: int32, result: hugeint };
  if (isInteger(type)) return { argument: type, result: hugeint };
  if (isDecimal(type)) return { argument: type, result: decimal(38, type.scale) };
  return isFloating(type) ? { argument: double, result: double } : undefined;
};

const average = (type: DataType): AggregateTypes | undefined => {
  if (isFloating(type) || type.kind === "null") return { argument: double, result: double };
  return isNumeric(type) ? { argument: type, result: double } : undefined;
};

const statistical = (type: DataType): AggregateTypes | undefined =>
  isNumeric(type) || type.kind === "null" ? { argument: double, result: double } : undefined;

const median = (type: DataType): AggregateTypes | undefined => {
  if (isDecimal(type)) return same(type);
  if (type.kind === "float") return { argument: double, result: double, output: type };
  return isNumeric(type) || type.kind === "null" ? { argument: double, result: double } : undefined;
};

const truth = (type: DataType): AggregateTypes | undefined =>
  type.kind === "boolean" || type.kind === "null" ? same({ kind: "boolean" }) : undefined;

const aggregate = (
  name: AggregateName,
  sqlNames: string,
  types: (argument: DataType) => AggregateTypes | undefined,
  doc: string,
): AggregateFunction => ({ name, sqlNames: sqlNames.split(" "), types, doc });

/** Every aggregate, but for `count(*)`, which the binder knows by its star. */
export const AGGREGATE_FUNCTIONS: readonly AggregateFunction[] = [
  aggregate("count", "count", (type) => ({ argument: concrete(type), result: int64 }), "Values that are not NULL."),
  aggregate("sum", "sum", sum, "Sum, exact for integers and decimals."),
  aggregate("avg", "avg mean", average, "Arithmetic mean as DOUBLE."),
  aggregate("min", "min", same, "Least value."),
  aggregate("max", "max", same, "Greatest value."),
  aggregate("stddevSamp", "stddev_samp stddev", statistical, "Sample standard deviation; NULL for one value."),
  aggregate("stddevPop", "stddev_pop", statistical, "Population standard deviation."),
  aggregate("varSamp", "var_samp variance", statistical, "Sample variance; NULL for one value."),
  aggregate("varPop", "var_pop", statistical, "Population variance."),
  aggregate(
    "median",
    "median",
    median,
    "Middle value, the mean of the two middle ones for an even count; of decimals in their own scale, rounded down.",
  ),
  aggregate("anyValue", "any_value", same, "Some value that is not NULL."),
  aggregate("first", "first arbitrary", same, "Some row's value."),
  aggregate(
    "stringAgg",
    "string_agg group_concat listagg",
    () => ({ argument: varchar, result: varchar }),
    "Values that are not NULL, joined by a separator (a comma unless given).",
  ),
  aggregate("boolAnd", "bool_and every", truth, "Whether all values are true."),
  aggregate("boolOr", "bool_or", truth, "Whether some value is true."),
];

const byName = new Map(AGGREGATE_FUNCTIONS.flatMap((entry) => entry.sqlNames.map((name) => [name, entry] as const)));

/** The aggregate with this SQL name, in lower case. */
export const aggregateFunction = (name: string): AggregateFunction | undefined => byName.get(name);

/** Aggregates whose answer is a position in the ordered values; binding rewrites the middle one to `median`. */
export const ORDERED_SET_FUNCTIONS: ReadonlySet<string> = new Set(["quantile_cont", "percentile_cont"]);

/** Whether a name, in lower case, is an aggregate's. `count_if` is rewritten to a filtered count. */
export const isAggregateName = (name: string): boolean =>
  byName.has(name) || ORDERED_SET_FUNCTIONS.has(name) || name === "count_if" || name === "countif";
