import { and, conjuncts, type Expression, type LogicalJoin, type LogicalPlan } from "@headcut/plan";
import { expressionKey, freeColumns, refersOnlyTo, refersTo, renaming, substitute } from "../traverse/expression.ts";
import { columnsOf, idsOf, mapInputs } from "../traverse/plan.ts";
import type { Rule } from "./rule.ts";

/**
 * Moves every predicate as far towards the scans as it may go: through projections, onto group keys, into both sides
 * of set operations, into join conditions and join inputs, into scans.
 */
export const pushFilters: Rule = { name: "push-filters", apply: (plan) => push(plan, []) };

type Predicates = readonly Expression[];

/** The plan with the predicates applied, as low as possible. */
const push = (plan: LogicalPlan, predicates: Predicates): LogicalPlan => {
  switch (plan.kind) {
    case "filter": {
      const own = conjuncts(plan.predicate);
      const pushed = push(plan.input, [...predicates, ...own]);
      // A filter that only comes back where it was is no change.
      if (pushed.kind === "filter" && pushed.input === plan.input && predicates.length === 0) {
        if (sameList(conjuncts(pushed.predicate), own)) return plan;
      }
      return pushed;
    }
    case "scan": {
      const [local, rest] = partition(
        predicates,
        (predicate) => freeColumns(predicate).size > 0 && refersOnlyTo(predicate, idsOf(plan)),
      );
      const present = new Set(plan.filters.map(expressionKey));
      const added = unique(local).filter((predicate) => !present.has(expressionKey(predicate)));
      return above(added.length === 0 ? plan : { ...plan, filters: [...plan.filters, ...added] }, rest);
    }
    case "project": {
      const computed = new Map(plan.projections.map((projection) => [projection.id, projection.expression]));
      const input = push(
        plan.input,
        predicates.map((predicate) => substitute(predicate, computed)),
      );
      return input === plan.input ? plan : { ...plan, input };
    }
    case "aggregate": {
      const groups = new Map(plan.groups.map((group) => [group.id, group.expression]));
      // Without groups there is a row even for no input, so nothing may be filtered before.
      const [movable, rest] = partition(
        predicates,
        (predicate) =>
          groups.size > 0 &&
          refersTo(predicate, groups) &&
          !refersTo(predicate, new Set(plan.aggregates.map((aggregate) => aggregate.id))),
      );
      const input = push(
        plan.input,
        movable.map((predicate) => substitute(predicate, groups)),
      );
      return above(input === plan.input ? plan : { ...plan, input }, rest);
    }
    case "join":
      return pushJoin(plan, predicates);
    case "sort": {
      const input = push(plan.input, predicates);
      return input === plan.input ? plan : { ...plan, input };
    }
    case "setOperation": {
      const side = (input: LogicalPlan): LogicalPlan => {
        const columns = columnsOf(input);
        const names = renaming(plan.columns.map((column, i) => [column.id, columns[i]!] as const));
        return push(
          input,
          predicates.map((predicate) => substitute(predicate, names)),
        );
      };
      const left = side(plan.left);
      const right = side(plan.right);
      return left === plan.left && right === plan.right ? plan : { ...plan, left, right };
    }
    case "with": {
      const definition = push(plan.definition, []);
      const body = push(plan.body, predicates);
      return definition === plan.definition && body === plan.body ? plan : { ...plan, definition, body };
    }
    case "limit":
    case "values":
    case "series":
    case "cteScan":
    case "repeat":
      return above(
        mapInputs(plan, (input) => push(input, [])),
        predicates,
      );
  }
};

const above = (plan: LogicalPlan, predicates: Predicates): LogicalPlan =>
  predicates.length === 0 ? plan : { kind: "filter", input: plan, predicate: and(...unique(predicates)) };

const unique = (predicates: Predicates): Predicates => {
  if (predicates.length < 2) return predicates;
  const seen = new Set<string>();
  return predicates.filter((predicate) => {
    const key = expressionKey(predicate);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
};

const partition = (list: Predicates, test: (predicate: Expression) => boolean): [Expression[], Expression[]] => {
  const yes: Expression[] = [];
  const no: Expression[] = [];
  for (const item of list) (test(item) ? yes : no).push(item);
  return [yes, no];
};

const sameList = (a: Predicates, b: Predicates): boolean =>
  a.length === b.length && a.every((item, i) => item === b[i]);

/** What may be pushed where, per join kind. */
interface Movable {
  /** Predicates above the join may go into: */
  readonly aboveToLeft: boolean;
  readonly aboveToRight: boolean;
  /** Conjuncts of the condition over one side alone may go into that side: */
  readonly onToLeft: boolean;
  readonly onToRight: boolean;
  /** Predicates above may become part of the condition. */
  readonly aboveToOn: boolean;
}

const movable = ({ joinKind }: LogicalJoin): Movable => {
  switch (joinKind) {
    case "inner":
      return { aboveToLeft: true, aboveToRight: true, onToLeft: true, onToRight: true, aboveToOn: true };
    case "left":
    case "single":
      return { aboveToLeft: true, aboveToRight: false, onToLeft: false, onToRight: true, aboveToOn: false };
    case "right":
      return { aboveToLeft: false, aboveToRight: true, onToLeft: true, onToRight: false, aboveToOn: false };
    case "full":
      return { aboveToLeft: false, aboveToRight: false, onToLeft: false, onToRight: false, aboveToOn: false };
    case "semi":
      return { aboveToLeft: true, aboveToRight: false, onToLeft: true, onToRight: true, aboveToOn: false };
    case "anti":
    case "mark":
      return { aboveToLeft: true, aboveToRight: false, onToLeft: false, onToRight: true, aboveToOn: false };
  }
};

const pushJoin = (plan: LogicalJoin, predicates: Predicates): LogicalPlan => {
  const leftIds = idsOf(plan.left);
  const rightIds = idsOf(plan.right);
  const may = movable(plan);
  const toLeft: Expression[] = [];
  const toRight: Expression[] = [];
  const on: Expression[] = [];
  const stay: Expression[] = [];
  const sideOf = (predicate: Expression): "left" | "right" | "both" | "none" => {
    const left = refersTo(predicate, leftIds);
    const right =
      refersTo(predicate, rightIds) || (plan.mark !== undefined && refersTo(predicate, new Set([plan.mark.id])));
    return left && right ? "both" : left ? "left" : right ? "right" : "none";
  };
  for (const predicate of predicates) {
    const side = sideOf(predicate);
    if (side === "left" && may.aboveToLeft) toLeft.push(predicate);
    else if (side === "right" && may.aboveToRight) toRight.push(predicate);
    else if (may.aboveToOn) on.push(predicate);
    else stay.push(predicate);
  }
  const own = conjuncts(plan.condition);
  for (const predicate of own) {
    const side = sideOf(predicate);
    // A mark tells NULL from FALSE, and a right row that is filtered out counts as FALSE.
    const exact = plan.joinKind !== "mark" || !predicate.nullable;
    if (side === "left" && may.onToLeft) toLeft.push(predicate);
    else if (side === "right" && may.onToRight && exact) toRight.push(predicate);
    else on.push(predicate);
  }
  const left = push(plan.left, toLeft);
  const right = push(plan.right, toRight);
  const unchangedOn = sameList(on, own);
  const joined: LogicalPlan =
    left === plan.left && right === plan.right && unchangedOn
      ? plan
      : { ...plan, left, right, condition: unchangedOn ? plan.condition : and(...unique(on)) };
  return above(joined, stay);
};
