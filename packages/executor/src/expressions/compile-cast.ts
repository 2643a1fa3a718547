import { type Cast, type DataType, isNumeric, isTemporal, QueryError, sameType, typeName } from "@headcut/plan";
import { storageOf } from "../layout/storage.ts";
import { booleanToNumber, numberToBoolean } from "./cast/boolean-casts.ts";
import type { Conversion } from "./cast/conversion.ts";
import { castFromText } from "./cast/from-text.ts";
import { castNumber } from "./cast/numeric-casts.ts";
import { castTemporal } from "./cast/temporal-casts.ts";
import { castToText } from "./cast/to-text.ts";
import type { ExpressionScope } from "./scope.ts";
import { freshValue } from "./storage-access.ts";
import type { Value } from "./value.ts";

export const compileCast = (expression: Cast, value: Value, scope: ExpressionScope): Value => {
  const from = expression.arg.type;
  const to = expression.type;
  if (sameType(from, to)) return value;
  if (from.kind === "null") return allNull(scope, to);
  const conversion: Conversion = { scope, from, to, isTry: expression.try };
  if (to.kind === "varchar") return castToText(conversion, value);
  if (from.kind === "varchar") return castFromText(conversion, value);
  if (isNumeric(from) && isNumeric(to)) return castNumber(conversion, value);
  if (from.kind === "boolean" && isNumeric(to)) return booleanToNumber(conversion, value);
  if (isNumeric(from) && to.kind === "boolean") return numberToBoolean(conversion, value);
  if (isTemporal(from) && isTemporal(to)) return castTemporal(conversion, value);
  throw new QueryError("unsupported", `a cast from ${typeName(from)} to ${typeName(to)} is not supported`);
};

const allNull = ({ fn }: ExpressionScope, to: DataType): Value => {
  const value = freshValue(fn, storageOf(to), true);
  fn.i32(1);
  fn.set(value.isNull!);
  return value;
};
