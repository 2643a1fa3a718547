import { type Expression, hugeint, int64, integerLayout, isInteger, QueryError, type SourceRange } from "@headcut/plan";
import { AGGREGATE_FUNCTIONS, isAggregateName } from "../functions/aggregates.ts";
import { SCALAR_FUNCTIONS, scalarFunction } from "../functions/catalogue.ts";
import type { Operand } from "../functions/operand.ts";
import { castTo, resolveCall } from "../functions/resolve.ts";
import { didYouMean } from "../syntax/suggest.ts";
import type * as tree from "../syntax/tree.ts";
import { bindAggregate } from "./bind-aggregate.ts";
import type { ExpressionEnv } from "./bind-context.ts";
import { partCall } from "./date-part.ts";
import { bindExpression, operand } from "./operands.ts";
import { orderedSetCall } from "./ordered-set.ts";
import { REWRITTEN_FUNCTIONS } from "./rewritten-functions.ts";

/** Functions DuckDB has and we do not, so that the error can say so rather than guess at a misspelling. */
const UNSUPPORTED = new Set(
  "random setseed uuid gen_random_uuid md5 sha256 hash regexp_matches regexp_full_match regexp_replace regexp_extract strftime strptime format printf mode approx_count_distinct arg_min arg_max list array_agg corr covar_pop covar_samp".split(
    " ",
  ),
);

/** A function or an aggregate. */
export const bindCall = (node: tree.Call, env: ExpressionEnv): Operand => {
  const name = node.name.name.toLowerCase();
  if (isAggregateName(name)) return operand(bindAggregate(orderedSetCall(node), env), node.range);
  refuseAggregateClauses(node);
  const rewritten = REWRITTEN_FUNCTIONS.get(name);
  const lazy = rewritten === undefined ? env : { ...env, lazy: true };
  const operands = node.args.map((arg) => bindExpression(arg, lazy));
  if (rewritten !== undefined) return operand(rewritten(operands, node, env), node.range);
  const entry = scalarFunction(name);
  if (entry === undefined) throw unknownFunction(name, node.name.range);
  const unchanged = wholeNumber(name, operands);
  return operand(unchanged ?? resolveCall(entry, name, operands, node.range), node.range);
};

/** Rounding an integer to no places changes nothing. */
const wholeNumber = (name: string, operands: readonly Operand[]): Expression | undefined => {
  if ((name !== "round" && name !== "trunc") || operands.length !== 1) return undefined;
  const { expression, range } = operands[0]!;
  if (!isInteger(expression.type)) return undefined;
  // DuckDB rounds no unsigned integers as such.
  const { bits, signed } = integerLayout(expression.type.kind);
  return signed || name === "trunc" ? expression : castTo(expression, bits === 64 ? hugeint : int64, range);
};

const refuseAggregateClauses = (node: tree.Call): void => {
  const clause = node.star
    ? "*"
    : node.distinct
      ? "DISTINCT"
      : node.filter !== undefined
        ? "FILTER"
        : node.orderBy.length > 0
          ? "ORDER BY"
          : node.withinGroup.length > 0
            ? "WITHIN GROUP"
            : undefined;
  if (clause === undefined) return;
  const name = node.name.name.toLowerCase();
  const known = REWRITTEN_FUNCTIONS.has(name) || scalarFunction(name) !== undefined;
  if (!known) throw unknownFunction(name, node.name.range);
  throw new QueryError("invalid-argument", `${clause} belongs to aggregates, and ${name} is none`, {
    range: node.range,
  });
};

const unknownFunction = (name: string, range: SourceRange): QueryError => {
  if (UNSUPPORTED.has(name)) return new QueryError("unsupported", `function ${name} is not supported`, { range });
  const names = [
    ...SCALAR_FUNCTIONS.flatMap((entry) => [entry.name, ...entry.aliases]),
    ...AGGREGATE_FUNCTIONS.flatMap((entry) => entry.sqlNames),
    ...REWRITTEN_FUNCTIONS.keys(),
  ];
  const hint = didYouMean(name, names);
  return new QueryError("unknown-function", `there is no function ${name}`, { range, ...(hint && { hint }) });
};

/** `EXTRACT(year FROM x)`. */
export const bindExtract = (node: tree.Extract, env: ExpressionEnv): Operand =>
  operand(partCall(node.field, bindExpression(node.operand, env), node.range), node.range);
