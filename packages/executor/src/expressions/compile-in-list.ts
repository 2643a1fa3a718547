import type { Constant, Value as ConstantValue, DataType, Expression, InList } from "@headcut/plan";
import type { Local } from "../wasm/function-builder.ts";
import { emitComparison } from "./comparison.ts";
import { type ConstantData, dataReference, integerList, referenceList } from "./constant-data.ts";
import type { ExpressionScope } from "./scope.ts";
import { push, type Value } from "./value.ts";

/** Longest lists that are compared one by one; longer ones of integers and strings are searched. */
const LONGEST_CHAIN = { integers: 8, strings: 3 } as const;

/** TRUE if an element is equal, else NULL if the argument or an element is NULL, else FALSE. */
export const compileInList = (
  expression: InList,
  arg: Value,
  compile: (element: Expression) => Value,
  scope: ExpressionScope,
): Value => {
  const { fn } = scope;
  const type = expression.arg.type;
  const constants = expression.list.filter((element): element is Constant => element.kind === "constant");
  const values = constants.flatMap(({ value }) => (value === null ? [] : [value]));
  const data = constants.length === expression.list.length ? searchable(type, values) : undefined;
  const found = fn.local("i32");
  const nulls: (Local | "always")[] = [];
  if (data !== undefined) {
    emitSearch(scope, arg, data);
    fn.set(found);
    if (values.length < constants.length) nulls.push("always");
  } else {
    fn.i32(0);
    for (const element of expression.list) {
      if (element.kind === "constant" && element.value === null) {
        nulls.push("always");
        continue;
      }
      const value = compile(element);
      emitComparison(scope, "eq", arg, value, type);
      if (value.isNull !== undefined) {
        fn.get(value.isNull);
        fn.op("i32.eqz");
        fn.op("i32.and");
        nulls.push(value.isNull);
      }
      fn.op("i32.or");
    }
    fn.set(found);
  }
  return { storage: "bool", locals: [found], isNull: emitIsNull(scope, arg, found, nulls) };
};

const emitIsNull = (
  { fn }: ExpressionScope,
  arg: Value,
  found: Local,
  nulls: readonly (Local | "always")[],
): Local | undefined => {
  if (nulls.length === 0) return arg.isNull;
  const isNull = fn.local("i32");
  nulls.forEach((element, i) => {
    if (element === "always") fn.i32(1);
    else fn.get(element);
    if (i > 0) fn.op("i32.or");
  });
  fn.get(found);
  fn.op("i32.eqz");
  fn.op("i32.and");
  if (arg.isNull !== undefined) {
    fn.get(arg.isNull);
    fn.op("i32.or");
  }
  fn.set(isNull);
  return isNull;
};

/** The sorted list for the constants block, where searching it beats comparing one by one. */
const searchable = (type: DataType, values: readonly Exclude<ConstantValue, null>[]): ConstantData | undefined => {
  switch (type.kind) {
    case "varchar":
    case "blob": {
      if (values.length <= LONGEST_CHAIN.strings) return undefined;
      const texts = values.map((value) => Buffer.from(value as string | Uint8Array));
      return referenceList(texts.sort(Buffer.compare));
    }
    case "int8":
    case "int16":
    case "int32":
    case "int64":
    case "uint8":
    case "uint16":
    case "uint32":
    case "uint64":
    case "date":
    case "time":
    case "timestamp": {
      if (values.length <= LONGEST_CHAIN.integers) return undefined;
      const words = values.map((value) => BigInt.asIntN(64, BigInt(value as number | bigint)));
      return integerList(words.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    }
    case "decimal": {
      if (values.length <= LONGEST_CHAIN.integers || type.precision > 18) return undefined;
      return integerList([...(values as bigint[])].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    }
    default:
      return undefined;
  }
};

const emitSearch = (scope: ExpressionScope, arg: Value, data: ConstantData): void => {
  const { fn, module } = scope;
  const list = dataReference(scope, data);
  push(fn, arg);
  if (arg.storage === "int32") fn.op("i64.extend_i32_s");
  push(fn, list);
  fn.call(module.kernel(arg.storage === "string" ? "inStrings" : "inIntegers"));
};
