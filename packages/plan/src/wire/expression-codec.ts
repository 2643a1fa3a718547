import type { AggregateCall, AggregateColumn, AggregateName, Projection, SortKey } from "../aggregate.ts";
import type { ArithmeticOp, Column, CompareOp, Expression } from "../expression.ts";
import type { TypedValue } from "../value.ts";
import { type Codec, list, object, optional, union } from "./codec.ts";
import { dataType } from "./data-type-codec.ts";
import { flag, keyOf, natural, text } from "./scalar-codecs.ts";
import { typedValueField } from "./value-codec.ts";

const compareOp = keyOf<CompareOp>({
  eq: true,
  ne: true,
  lt: true,
  le: true,
  gt: true,
  ge: true,
  distinct: true,
  notDistinct: true,
});
const arithmeticOp = keyOf<ArithmeticOp>({ add: true, sub: true, mul: true, div: true, intdiv: true, mod: true });

export const typedValue: Codec<TypedValue> = object<TypedValue>({ type: dataType, value: typedValueField });

const typed = { type: dataType, nullable: flag };

export const expression: Codec<Expression> = union<Expression>(() => ({
  column: { id: natural, name: text, ...typed },
  constant: { ...typed, value: typedValueField },
  compare: { op: compareOp, left: expression, right: expression, ...typed },
  and: { args: expressions, ...typed },
  or: { args: expressions, ...typed },
  not: { arg: expression, ...typed },
  isNull: { arg: expression, ...typed },
  arithmetic: { op: arithmeticOp, left: expression, right: expression, ...typed },
  negate: { arg: expression, ...typed },
  // biome-ignore lint/suspicious/noThenProperty: a branch of the expression type.
  case: { branches: list(object({ when: expression, then: expression })), otherwise: expression, ...typed },
  cast: { arg: expression, try: flag, ...typed },
  inList: { arg: expression, list: expressions, ...typed },
  like: { arg: expression, pattern: expression, escape: optional(text), caseInsensitive: flag, ...typed },
  call: { name: text, args: expressions, ...typed },
}));

export const expressions = list(expression);

export const column: Codec<Column> = object<Column>({ id: natural, name: text, type: dataType, nullable: flag });
export const projection: Codec<Projection> = object<Projection>({ id: natural, name: text, expression });
export const sortKey: Codec<SortKey> = object<SortKey>({ expression, descending: flag, nullsFirst: flag });

const aggregateName = keyOf<AggregateName>({
  count: true,
  countStar: true,
  sum: true,
  avg: true,
  min: true,
  max: true,
  stddevSamp: true,
  stddevPop: true,
  varSamp: true,
  varPop: true,
  median: true,
  anyValue: true,
  first: true,
  stringAgg: true,
  boolAnd: true,
  boolOr: true,
});

const aggregateCall: Codec<AggregateCall> = object<AggregateCall>({
  name: aggregateName,
  args: expressions,
  filter: optional(expression),
  distinct: flag,
  orderBy: list(sortKey),
  ...typed,
});

export const aggregateColumn: Codec<AggregateColumn> = object<AggregateColumn>({
  id: natural,
  name: text,
  call: aggregateCall,
});
