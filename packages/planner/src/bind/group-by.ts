import { type ColumnId, constant, type Expression, int32, type Projection, QueryError } from "@headcut/plan";
import type * as tree from "../syntax/tree.ts";
import { sameExpression } from "../traverse/expression.ts";
import type { ExpressionEnv } from "./bind-context.ts";
import { containsAggregate } from "./contains-aggregate.ts";
import { groupProjection, groupRef } from "./grouping.ts";
import { bindExpression } from "./operands.ts";
import { ordinal } from "./order-by.ts";
import { resolveColumn, sameName } from "./scope.ts";
import type { SelectOutput } from "./select-items.ts";

/** GROUP BY, bound. */
export interface Groups {
  /** Whether there is a GROUP BY, if only one of constants. */
  readonly present: boolean;
  readonly projections: readonly Projection[];
  /** Select items that GROUP BY names by alias or ordinal: they are that group. */
  readonly known: ReadonlyMap<tree.Expression, Expression>;
}

/** What one element of GROUP BY stands for, and the select item it was named by. */
interface Element {
  readonly expression: Expression;
  readonly item: tree.Expression | undefined;
  readonly name: string;
}

/** Binds GROUP BY over the scope of `env`, whose columns are `input`: ordinals, aliases, expressions, ALL. Equal elements make one group. */
export const bindGroups = (
  node: tree.GroupBy | undefined,
  outputs: readonly SelectOutput[],
  env: ExpressionEnv,
  input: ReadonlySet<ColumnId>,
): Groups => {
  const projections: Projection[] = [];
  const known = new Map<tree.Expression, Expression>();
  for (const { expression, item, name } of elements(node, outputs, env)) {
    let group = projections.find((other) => sameExpression(other.expression, expression));
    if (group === undefined) {
      group = groupProjection(expression, name, input, () => env.state.ids.next());
      projections.push(group);
    }
    if (item !== undefined) known.set(item, groupRef(group));
  }
  return { present: node !== undefined, projections, known };
};

const elements = (
  node: tree.GroupBy | undefined,
  outputs: readonly SelectOutput[],
  env: ExpressionEnv,
): readonly Element[] => {
  if (node === undefined) return [];
  if (node.kind === "groupByList") return node.expressions.map((part) => element(part, outputs, env));
  return outputs
    .filter((output) => output.kind === "column" || !containsAggregate(output.node))
    .map((output) => fromOutput(output, env));
};

const fromOutput = (output: SelectOutput, env: ExpressionEnv): Element =>
  output.kind === "column"
    ? { expression: output.expression, item: undefined, name: output.name }
    : { expression: grouped(output.node, env), item: output.node, name: output.name };

/** A column of the input comes before an output alias of the same name. */
const element = (node: tree.Expression, outputs: readonly SelectOutput[], env: ExpressionEnv): Element => {
  if (node.kind === "number" && node.form === "integer") {
    const output = outputs[ordinal(node, outputs.length, "GROUP BY")]!;
    if (output.kind === "written" && containsAggregate(output.node)) {
      throw new QueryError("invalid-argument", `GROUP BY ${node.text} stands for an aggregate`, { range: node.range });
    }
    return fromOutput(output, env);
  }
  if (node.kind === "columnName" && node.parts.length === 1) {
    const name = node.parts[0]!.name;
    if (resolveColumn(env.scope, [name], node.range) !== undefined) {
      return { expression: grouped(node, env), item: undefined, name };
    }
    const output = outputs.find((candidate) => candidate.kind === "written" && sameName(candidate.name, name));
    if (output !== undefined) return fromOutput(output, env);
  }
  return { expression: grouped(node, env), item: undefined, name: "group" };
};

const grouped = (node: tree.Expression, env: ExpressionEnv): Expression => {
  const { expression } = bindExpression(node, env);
  return expression.type.kind === "null" ? constant(int32, null) : expression;
};
