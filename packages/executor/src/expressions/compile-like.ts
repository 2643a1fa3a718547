import { assert, constant, type Like, QueryError, varchar } from "@headcut/plan";
import { emitComparison } from "./comparison.ts";
import { compileConstant } from "./compile-constant.ts";
import { dataReference, referenceList } from "./constant-data.ts";
import { emitRaiseIf } from "./failure.ts";
import { analysePattern } from "./like-pattern.ts";
import { raiseCode } from "./raise-code.ts";
import type { ExpressionScope } from "./scope.ts";
import { anyNull, pop, push, type Value } from "./value.ts";

/** `pattern` compiles the pattern's expression where it is not a constant. ILIKE compares in lower case, as lower() gives it. */
export const compileLike = (
  expression: Like,
  text: Value,
  pattern: () => Value,
  lower: (value: Value) => Value,
  scope: ExpressionScope,
): Value => {
  const { fn, module } = scope;
  const { escape: escaped, caseInsensitive } = expression;
  assert(escaped === undefined || escaped.length === 1, "binding checks that ESCAPE is one character");
  const subject = caseInsensitive ? lower(text) : text;
  const known = knownPattern(expression);
  if (known === undefined) return general(scope, subject, caseInsensitive ? lower(pattern()) : pattern(), escaped);
  const analysed = analysePattern(known, escaped);
  const literal = (value: string): Value => compileConstant(constant(varchar, value), scope);
  switch (analysed.kind) {
    case "equal":
      emitComparison(scope, "eq", subject, literal(analysed.text), varchar);
      break;
    case "prefix":
    case "suffix":
    case "contains":
      push(fn, subject);
      push(fn, literal(analysed.text));
      fn.call(module.kernel(kernels[analysed.kind]));
      break;
    case "pieces":
      push(fn, subject);
      push(fn, dataReference(scope, referenceList(analysed.pieces)));
      fn.i32(analysed.anchoredStart ? 1 : 0);
      fn.i32(analysed.anchoredEnd ? 1 : 0);
      fn.call(module.kernel("likePieces"));
      break;
    case "general":
      return general(scope, subject, literal(known), escaped);
  }
  return pop(fn, "bool", subject.isNull);
};

const kernels = { prefix: "stringStartsWith", suffix: "stringEndsWith", contains: "stringContains" } as const;

const general = (scope: ExpressionScope, text: Value, pattern: Value, escaped: string | undefined): Value => {
  const { fn, module } = scope;
  const isNull = anyNull(fn, [text, pattern]);
  push(fn, text);
  push(fn, pattern);
  if (escaped !== undefined && escaped > "\u007f") {
    throw new QueryError("unsupported", "an escape character beyond ASCII is not supported with this pattern");
  }
  fn.i32(escaped === undefined ? -1 : escaped.charCodeAt(0));
  fn.call(module.kernel("likeMatch"));
  const matched = pop(fn, "bool", isNull);
  if (escaped !== undefined) {
    fn.call(module.kernel("kernelFailure"));
    emitRaiseIf(scope, raiseCode.invalidArgument, "a LIKE pattern must not end with its escape character", isNull);
  }
  return matched;
};

/** The pattern where it is constant; of ILIKE in lower case, which only the kernel knows beyond ASCII. */
const knownPattern = ({ pattern, caseInsensitive }: Like): string | undefined => {
  if (pattern.kind !== "constant" || typeof pattern.value !== "string") return undefined;
  if (!caseInsensitive) return pattern.value;
  return [...pattern.value].every((character) => character < "\u0080") ? pattern.value.toLowerCase() : undefined;
};
