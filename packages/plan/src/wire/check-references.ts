import type { AggregateCall, SortKey } from "../aggregate.ts";
import { type DataType, sameType } from "../data-type.ts";
import type { Column, ColumnId, Expression } from "../expression.ts";
import type { PhysicalPlan, PhysicalSort, PhysicalTopN } from "../physical-plan.ts";
import { malformed, type Place, within } from "./place.ts";

type Types = ReadonlyMap<ColumnId, DataType>;

interface Scope {
  readonly place: Place | undefined;
  readonly operators: Set<number>;
  /** Of the CTEs that are defined around. */
  readonly ctes: ReadonlyMap<number, Types>;
}

const typesOf = (columns: readonly Column[]): Types => new Map(columns.map(({ id, type }) => [id, type]));

/**
 * Throws a QueryError "io" unless every column that an operator refers to is one that its inputs make, with the same
 * type; every CTE is defined around its scans; operator ids are unique. The executor relies on it without looking.
 */
export const checkReferences = (plan: PhysicalPlan, place: Place | undefined): void => {
  checkPlan(plan, { place, operators: new Set(), ctes: new Map() });
};

const checkPlan = (plan: PhysicalPlan, scope: Scope): Types => {
  const place = within(scope.place, `${plan.kind} ${plan.operatorId}`);
  if (scope.operators.has(plan.operatorId)) throw malformed(place, "an operator id of its own");
  scope.operators.add(plan.operatorId);
  const made = columnsMade(plan, scope, place);
  for (const column of plan.columns) checkColumn(column, made, place);
  return typesOf(plan.columns);
};

/** The columns an operator can put out; checks what it refers to on the way. */
const columnsMade = (plan: PhysicalPlan, scope: Scope, place: Place): Types => {
  const check = (expression: Expression, types: Types): void => checkExpression(expression, types, place);
  switch (plan.kind) {
    case "scan": {
      for (const { index, type } of plan.read) {
        const stored = plan.table.columns[index];
        if (stored === undefined || !sameType(stored.type, type))
          throw malformed(place, `column ${index} of the table`);
      }
      const types = typesOf(plan.read);
      for (const filter of plan.filters) check(filter, types);
      return types;
    }
    case "values":
      for (const row of plan.rows) {
        const fits =
          row.length === plan.columns.length &&
          row.every((item, i) => item.kind === "constant" && sameType(item.type, plan.columns[i]!.type));
        if (!fits) throw malformed(place, "constants of the columns' types");
      }
      return typesOf(plan.columns);
    case "series": {
      const [column, ...others] = plan.columns;
      if (others.length > 0 || (column !== undefined && column.type.kind !== "int64"))
        throw malformed(place, "one column of type int64");
      return typesOf(plan.columns);
    }
    case "filter":
    case "repeat": {
      const types = checkPlan(plan.input, scope);
      check(plan.kind === "filter" ? plan.predicate : plan.count, types);
      return types;
    }
    case "project": {
      const types = checkPlan(plan.input, scope);
      for (const { expression } of plan.projections) check(expression, types);
      return new Map(plan.projections.map(({ id, expression }) => [id, expression.type]));
    }
    case "hashJoin": {
      const probe = checkPlan(plan.probe, scope);
      const build = checkPlan(plan.build, scope);
      const both: Types = new Map([...probe, ...build]);
      for (const key of plan.keys) {
        check(key.probe, probe);
        check(key.build, build);
        if (!sameType(key.probe.type, key.build.type)) throw malformed(place, "join keys of one type");
      }
      check(plan.residual, both);
      if ((plan.mark !== undefined) !== (plan.joinKind === "mark"))
        throw malformed(place, "a mark in mark joins alone");
      return plan.mark === undefined ? both : new Map([...both, [plan.mark.id, plan.mark.type]]);
    }
    case "aggregate": {
      const types = checkPlan(plan.input, scope);
      for (const { expression } of plan.groups) check(expression, types);
      for (const { call } of plan.aggregates) checkCall(call, types, place);
      return new Map([
        ...plan.groups.map(({ id, expression }) => [id, expression.type] as const),
        ...plan.aggregates.map(({ id, call }) => [id, call.type] as const),
      ]);
    }
    case "sort":
    case "topN": {
      const types = checkPlan(plan.input, scope);
      checkKeys(plan.keys, types, place);
      if (plan.inRuns === true) checkRuns(plan, place);
      return types;
    }
    case "limit":
      return checkPlan(plan.input, scope);
    case "unionAll": {
      if (plan.inputs.length !== plan.inputColumns.length) throw malformed(place, "columns for every input");
      for (const [i, input] of plan.inputs.entries()) {
        checkSources(plan.inputColumns[i]!, plan.columns, checkPlan(input, scope), place);
      }
      return typesOf(plan.columns);
    }
    case "with": {
      const definition = checkPlan(plan.definition, scope);
      return checkPlan(plan.body, { ...scope, ctes: new Map([...scope.ctes, [plan.cteId, definition]]) });
    }
    case "cteScan": {
      const definition = scope.ctes.get(plan.cteId);
      if (definition === undefined) throw malformed(place, "a CTE that is defined around it");
      checkSources(plan.sources, plan.columns, definition, place);
      return typesOf(plan.columns);
    }
  }
};

const checkSources = (sources: readonly ColumnId[], columns: readonly Column[], types: Types, place: Place): void => {
  if (sources.length !== columns.length) throw malformed(place, "a source for every column");
  for (const [i, { type }] of columns.entries()) {
    const found = types.get(sources[i]!);
    if (found === undefined || !sameType(found, type)) throw malformed(place, `column #${sources[i]} below`);
  }
};

const checkRuns = ({ input, keys }: PhysicalSort | PhysicalTopN, place: Place): void => {
  const isScan = input.kind === "scan" && input.filters.length === 0;
  if (!isScan || keys.some(({ expression }) => expression.kind !== "column")) {
    throw malformed(place, "runs that are in the order of their columns");
  }
};

const checkKeys = (keys: readonly SortKey[], types: Types, place: Place): void => {
  for (const { expression } of keys) checkExpression(expression, types, place);
};

const checkCall = (call: AggregateCall, types: Types, place: Place): void => {
  const wanted = call.name === "countStar" ? 0 : call.name === "stringAgg" ? 2 : 1;
  if (call.args.length !== wanted && !isOfParts(call)) throw malformed(place, `${wanted} arguments of ${call.name}`);
  for (const arg of call.args) checkExpression(arg, types, place);
  if (call.filter !== undefined) checkExpression(call.filter, types, place);
  checkKeys(call.orderBy, types, place);
};

const PARTS: readonly DataType["kind"][] = ["int64", "double", "double"];

/** Whether it is an aggregate over parts of the values, told by their number, mean and variance. */
const isOfParts = ({ name, args }: AggregateCall): boolean =>
  (name === "stddevSamp" || name === "stddevPop" || name === "varSamp" || name === "varPop") &&
  args.length === PARTS.length &&
  args.every(({ type }, i) => type.kind === PARTS[i]);

const checkColumn = (
  { id, type, name }: { readonly id: number; readonly type: DataType; readonly name: string },
  types: Types,
  place: Place,
): void => {
  const found = types.get(id);
  if (found === undefined || !sameType(found, type)) throw malformed(place, `column ${name.slice(0, 80)}#${id} below`);
};

const checkExpression = (expression: Expression, types: Types, place: Place): void => {
  switch (expression.kind) {
    case "column":
      checkColumn(expression, types, place);
      return;
    case "constant":
      return;
    case "compare":
    case "arithmetic":
      checkExpression(expression.left, types, place);
      checkExpression(expression.right, types, place);
      return;
    case "and":
    case "or":
    case "call":
      for (const arg of expression.args) checkExpression(arg, types, place);
      return;
    case "not":
    case "isNull":
    case "negate":
    case "cast":
      checkExpression(expression.arg, types, place);
      return;
    case "case":
      for (const { when, then } of expression.branches) {
        checkExpression(when, types, place);
        checkExpression(then, types, place);
      }
      checkExpression(expression.otherwise, types, place);
      return;
    case "inList":
      checkExpression(expression.arg, types, place);
      for (const item of expression.list) checkExpression(item, types, place);
      return;
    case "like":
      checkExpression(expression.arg, types, place);
      checkExpression(expression.pattern, types, place);
      return;
  }
};
