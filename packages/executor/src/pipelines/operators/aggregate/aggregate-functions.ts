import {
  type AggregateCall,
  cast,
  type DataType,
  double,
  type Expression,
  isDecimal,
  unreachable,
} from "@headcut/plan";
import { only, pop, popInt128, type Value } from "../../../expressions/value.ts";
import { storageOf } from "../../../layout/storage.ts";
import type { Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import { expressionKey } from "../../expression-key.ts";
import type { Accumulator, AccumulatorUse, State } from "./accumulator.ts";
import { average, spread } from "./averages.ts";
import { collected, collectedMedian, collectedString, collectFor } from "./collect.ts";
import { count } from "./count.ts";
import { anyValueOf, extremeOf, firstOf } from "./extreme.ts";
import { raiseSumOverflow, sumOf } from "./sum.ts";
import { variance, varianceOfParts } from "./variance.ts";

/** An aggregate as the accumulators it is made of, and how its value follows from their states. */
export interface AggregateFunction {
  readonly uses: readonly AccumulatorUse[];
  /** Making the value takes memory, and the value may be in it: it lasts until the next batch. */
  readonly allocates?: boolean;
  /** The group's value; `states[i]` is that of `uses[i]`. */
  result(code: Code, operatorId: number, states: readonly State[]): Value;
}

export const aggregateFunction = (call: AggregateCall): AggregateFunction => {
  const arg = call.args[0];
  const use = (name: string, accumulator: Accumulator, args: readonly Expression[]): AccumulatorUse => ({
    key: expressionKey([name, args, call.filter, call.orderBy]),
    accumulator,
    args,
    filter: call.filter,
  });
  const rows = (): AccumulatorUse =>
    arg === undefined || !arg.nullable ? use("count", count, []) : use("count", count, [arg]);
  /** NULL where no row counted, which a second accumulator knows. */
  const orNull = (main: AccumulatorUse, result: (code: Code, state: State) => Value): AggregateFunction =>
    call.nullable
      ? {
          uses: [main, rows()],
          result: (code, _operatorId, [state, counted]) => ({
            ...result(code, state!),
            isNull: isZero(code, counted!),
          }),
        }
      : { uses: [main], result: (code, _operatorId, [state]) => result(code, state!) };
  const first = (_code: Code, state: State): Value => state.load(0);

  switch (call.name) {
    case "count":
    case "countStar":
      return { uses: [rows()], result: (_code, _operatorId, [state]) => state!.load(0) };
    case "sum": {
      const sum = sumOf(arg!.type);
      return orNull(use("sum", sum, [arg!]), (code, state) => sumResult(code, sum.total(code, state), call.type, arg!));
    }
    case "avg": {
      const scale = isDecimal(arg!.type) ? arg!.type.scale : 0;
      const sum = sumOf(arg!.type);
      return {
        uses: [use("sum", sum, [arg!]), rows()],
        result: (code, _operatorId, [summed, counted]) =>
          average(code, sum.total(code, summed!), counted!.load(0), scale, call.nullable),
      };
    }
    case "min":
    case "max":
      return orNull(use(call.name, extremeOf(arg!.type, call.name === "min" ? "lt" : "gt"), [arg!]), first);
    case "boolAnd":
      return orNull(use("min", extremeOf(arg!.type, "lt"), [arg!]), first);
    case "boolOr":
      return orNull(use("max", extremeOf(arg!.type, "gt"), [arg!]), first);
    case "anyValue":
      return orNull(use("anyValue", anyValueOf(arg!.type), [arg!]), first);
    case "first":
      return {
        uses: [use("first", firstOf(arg!.type), [arg!])],
        result: ({ fn }, _operatorId, [state]) => {
          const value = state!.load(0);
          if (!call.nullable) return value;
          fn.get(only(state!.load(2)));
          fn.get(only(state!.load(1)));
          fn.op("i32.eqz");
          fn.op("i32.or");
          const isNull = fn.local("i32");
          fn.set(isNull);
          return { ...value, isNull };
        },
      };
    case "stddevSamp":
    case "stddevPop":
    case "varSamp":
    case "varPop": {
      const wide = arg!.type.kind === "double" ? arg! : cast(arg!, double);
      const isOfParts = call.args.length > 1;
      return {
        uses: [isOfParts ? use("varianceOfParts", varianceOfParts, call.args) : use("variance", variance, [wide])],
        result: (code, _operatorId, [state]) => spread(code, call.name as "stddevSamp", state!, call.nullable),
      };
    }
    case "median":
      return {
        uses: [use("median", collectFor(call), collected(call))],
        allocates: true,
        result: (code, operatorId, [state]) => collectedMedian(code, operatorId, call, state!),
      };
    case "stringAgg":
      return {
        uses: [use("stringAgg", collectFor(call), collected(call))],
        allocates: true,
        result: (code, operatorId, [state]) => collectedString(code, operatorId, call, state!),
      };
    default:
      return unreachable(call.name);
  }
};

const isZero = ({ fn }: Code, counted: State): Local => {
  const isNull = fn.local("i32");
  fn.get(only(counted.load(0)));
  fn.op("i64.eqz");
  fn.set(isNull);
  return isNull;
};

/** The sum in the storage of the result's type. */
const sumResult = (code: Code, sum: Value, type: DataType, arg: Expression): Value => {
  const { fn } = code;
  if (storageOf(type) !== "int128") return sum;
  if (sum.storage === "int64") {
    fn.get(only(sum));
    fn.get(only(sum));
    fn.i64(63);
    fn.op("i64.shr_s");
    return popInt128(fn);
  }
  if (storageOf(arg.type) === "int128") checkDigits(code, sum);
  return sum;
};

const LIMIT = 10n ** 38n;

/** Raises overflow unless -10^38 < sum < 10^38, tested as sum + 10^38 - 1 ≤ 2 · (10^38 - 1), unsigned in 128 bits. */
const checkDigits = (code: Code, sum: Value): void => {
  const { fn } = code;
  const [low, high] = sum.locals as [Local, Local];
  const shift = LIMIT - 1n;
  const bound = 2n * shift;
  fn.get(low);
  fn.i64(BigInt.asIntN(64, shift));
  fn.op("i64.add");
  const shiftedLow = only(pop(fn, "int64"));
  fn.get(high);
  fn.i64(BigInt.asIntN(64, shift >> 64n));
  fn.op("i64.add");
  fn.get(shiftedLow);
  fn.get(low);
  fn.op("i64.lt_u");
  fn.op("i64.extend_i32_u");
  fn.op("i64.add");
  const shiftedHigh = only(pop(fn, "int64"));
  const boundHigh = BigInt.asIntN(64, bound >> 64n);
  fn.get(shiftedHigh);
  fn.i64(boundHigh);
  fn.op("i64.gt_u");
  fn.get(shiftedHigh);
  fn.i64(boundHigh);
  fn.op("i64.eq");
  fn.get(shiftedLow);
  fn.i64(BigInt.asIntN(64, bound));
  fn.op("i64.gt_u");
  fn.op("i32.and");
  fn.op("i32.or");
  fn.if(() => raiseSumOverflow(code));
};
