import {
  and,
  type ColumnId,
  compare,
  conjuncts,
  type Expression,
  isNull,
  type LogicalJoin,
  type LogicalPlan,
  not,
  QueryError,
} from "@headcut/plan";
import { freeColumns, refersOnlyTo, refersTo, substitute } from "../traverse/expression.ts";
import { columnsOf, idsOf, mapInputs, outerColumns } from "../traverse/plan.ts";
import type { IdSource } from "../traverse/renumber.ts";
import { domainSource, makesOneRow } from "./domain.ts";
import { asEquality } from "./links.ts";
import { perBinding } from "./unnest-aggregate.ts";
import { isTrue } from "./unnest-join.ts";
import { unnestPlan } from "./unnest-plan.ts";
import { passAll, type Unnesting } from "./unnested.ts";

/**
 * Removes every dependent join of a plan, outermost first, after T. Neumann, "Improving Unnesting of Complex Queries"
 * (BTW 2025). The result may put out further columns, at its end or among the others.
 */
export const removeDependentJoins = (plan: LogicalPlan, ids: IdSource): LogicalPlan => {
  if (plan.kind === "join" && plan.dependent) return removeDependentJoin(plan, ids);
  // What is matched by position must keep exactly its columns.
  if (plan.kind === "setOperation") return mapInputs(plan, (input) => exactly(removeDependentJoins(input, ids), input));
  return mapInputs(plan, (input) => removeDependentJoins(input, ids));
};

/** `plan` with the columns of `original`, in its order, and no others. */
export const exactly = (plan: LogicalPlan, original: LogicalPlan): LogicalPlan => {
  const wanted = columnsOf(original);
  const made = columnsOf(plan);
  if (made.length === wanted.length && made.every((column, i) => column.id === wanted[i]!.id)) return plan;
  const byId = new Map(made.map((column) => [column.id, column]));
  return { kind: "project", input: plan, projections: passAll(wanted.map((column) => byId.get(column.id)!)) };
};

const isCross = (condition: Expression): boolean => condition.kind === "constant" && condition.value === true;

const removeDependentJoin = (plan: LogicalJoin, ids: IdSource): LogicalPlan => {
  const left = removeDependentJoins(plan.left, ids);
  const outer = new Set<ColumnId>();
  for (const id of outerColumns(plan.right)) if (idsOf(left).has(id)) outer.add(id);
  if (outer.size === 0) return { ...plan, left, right: removeDependentJoins(plan.right, ids), dependent: false };
  const simpler = simplify({ ...plan, left });
  if (simpler !== undefined) return removeDependentJoins(simpler, ids);

  const source = domainSource(left, outer, ids);
  const unnesting: Unnesting = {
    outer,
    ids,
    domain: source.copy,
    descend: (inner) => unnestPlan(inner, unnesting),
    removeNested: (inner) => removeDependentJoins(inner, ids),
  };
  const replaced =
    isUngroupedScalar(plan) && plan.right.kind === "aggregate"
      ? perRowAggregate(plan, plan.right, unnesting)
      : byLinks(plan, unnesting);
  const { left: leftInput, around } = source.finish();
  return around(replaced(leftInput));
};

/** Whether the join adds the one row of an ungrouped aggregation to every left row. */
const isUngroupedScalar = ({ joinKind, condition, right }: LogicalJoin): boolean => {
  if (right.kind !== "aggregate" || right.groups.length > 0) return false;
  return joinKind === "inner" || ((joinKind === "single" || joinKind === "left") && isCross(condition));
};

type Rebuild = (left: LogicalPlan) => LogicalPlan;

/** Each left row meets its group or none: an outer join, after which counts of no rows are zero. */
const perRowAggregate = (
  plan: LogicalJoin,
  right: Extract<LogicalPlan, { kind: "aggregate" }>,
  unnesting: Unnesting,
): Rebuild => {
  const { aggregate, links, restored } = perBinding(right, unnesting);
  return (left) => {
    const joined: LogicalJoin = {
      ...plan,
      joinKind: "left",
      left,
      right: aggregate,
      condition: and(...links),
      dependent: false,
    };
    const projected: LogicalPlan = {
      kind: "project",
      input: joined,
      projections: [...passAll(columnsOf(left)), ...restored],
    };
    return isCross(plan.condition) ? projected : { kind: "filter", input: projected, predicate: plan.condition };
  };
};

/** The general case: the right side is freed, and the links that remain join it with the left. */
const byLinks = (plan: LogicalJoin, unnesting: Unnesting): Rebuild => {
  const { joinKind } = plan;
  if (joinKind === "right" || joinKind === "full") {
    throw new QueryError("unsupported", `LATERAL cannot be the right side of a ${joinKind.toUpperCase()} JOIN`);
  }
  const { plan: freed, links } = unnesting.descend(plan.right);
  const { right, condition } =
    joinKind === "mark"
      ? markCondition(freed, links, plan.condition, unnesting)
      : { right: freed, condition: and(...conjuncts(plan.condition), ...links) };
  return (left) => ({ ...plan, left, right, condition, dependent: false });
};

/**
 * A mark join's condition is three-valued, while a predicate of the subquery that is NULL merely drops its row. So
 * links count as TRUE or not; a key that may be NULL is made safe by dropping the right rows that have none.
 */
const markCondition = (
  freed: LogicalPlan,
  links: readonly Expression[],
  own: Expression,
  { outer }: Unnesting,
): { readonly right: LogicalPlan; readonly condition: Expression } => {
  const notNull: Expression[] = [];
  const strict = links.map((link) => {
    const equality = asEquality(link, outer);
    if (equality === undefined || equality.nullSafe || !link.nullable) return isTrue(link);
    if (equality.inner.nullable) notNull.push(not(isNull(equality.inner)));
    return compare("notDistinct", equality.outer, equality.inner);
  });
  const right: LogicalPlan =
    notNull.length === 0 ? freed : { kind: "filter", input: freed, predicate: and(...notNull) };
  return { right, condition: and(...conjuncts(own), ...strict) };
};

/** One step towards a right side without the operators that a dependent join can do without; undefined if there is none. */
const simplify = (plan: LogicalJoin): LogicalPlan | undefined => {
  switch (plan.joinKind) {
    case "semi":
    case "anti":
    case "mark":
      return simplifyExistential(plan);
    case "inner":
      if (plan.right.kind === "filter") {
        const { input, predicate } = plan.right;
        return { ...plan, right: input, condition: and(...conjuncts(plan.condition), ...conjuncts(predicate)) };
      }
      return hoistProjection(plan, plan.joinKind);
    case "left":
    case "single":
      if (!isCross(plan.condition)) return undefined;
      if (plan.right.kind === "project" && makesOneRow(plan.right)) return hoistProjection(plan, "inner");
      return undefined;
    case "right":
    case "full":
      return undefined;
  }
};

/** The right side's projection, computed after the join instead, where the left side's columns are at hand. */
const hoistProjection = (plan: LogicalJoin, joinKind: "inner"): LogicalPlan | undefined => {
  const { right, left, condition } = plan;
  if (right.kind !== "project") return undefined;
  const computed = new Map(right.projections.map((projection) => [projection.id, projection.expression]));
  const joined: LogicalPlan = { ...plan, joinKind, right: right.input, condition: substitute(condition, computed) };
  return { kind: "project", input: joined, projections: [...passAll(columnsOf(left)), ...right.projections] };
};

/** Where only the existence of a match counts, order, duplicates and unused columns do not. */
const simplifyExistential = (plan: LogicalJoin): LogicalPlan | undefined => {
  const { right, condition } = plan;
  const usesRight = refersTo(condition, idsOf(right));
  switch (right.kind) {
    case "project": {
      const computed = new Map(right.projections.map((projection) => [projection.id, projection.expression]));
      return { ...plan, right: right.input, condition: substitute(condition, computed) };
    }
    case "sort":
      return { ...plan, right: right.input };
    case "limit":
      if (right.offset === 0 && (right.limit === undefined || (right.limit > 0 && !usesRight))) {
        return { ...plan, right: right.input };
      }
      return undefined;
    case "aggregate": {
      if (right.groups.length === 0) return undefined;
      const groups = new Map(right.groups.map((group) => [group.id, group.expression]));
      const onlyGroups = refersOnlyTo(
        condition,
        new Set([...groups.keys(), ...[...freeColumns(condition)].filter((id) => !idsOf(right).has(id))]),
      );
      return onlyGroups ? { ...plan, right: right.input, condition: substitute(condition, groups) } : undefined;
    }
    default:
      return undefined;
  }
};
