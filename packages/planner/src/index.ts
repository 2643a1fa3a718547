export { bind } from "./bind/bind.ts";
export type { BindContext, TableReference } from "./bind/bind-context.ts";
export type { BoundColumn, BoundQuery, BoundStatement, CopyFormat } from "./bind/bound-statement.ts";
export { type ColumnIds, columnIds } from "./bind/column-ids.ts";
export { referencedTables } from "./bind/table-references.ts";
export { castValue } from "./fold/cast-value.ts";
export { compareValues } from "./fold/compare-values.ts";
export { evaluateConstant } from "./fold/evaluate.ts";
export { fold } from "./fold/fold.ts";
export { formatValue } from "./fold/format-value.ts";
export { parseDate } from "./fold/parse-date.ts";
export { parseDecimal } from "./fold/parse-decimal.ts";
export { parseInterval } from "./fold/parse-interval.ts";
export { parseTimestamp } from "./fold/parse-timestamp.ts";
export { AGGREGATE_FUNCTIONS, type AggregateFunction } from "./functions/aggregates.ts";
export { SCALAR_FUNCTIONS, scalarFunction } from "./functions/catalogue.ts";
export type { NullRule, Overload, Parameter, Result, ScalarFunction } from "./functions/signature.ts";
export { DATE_UNITS, type DateUnit } from "./functions/temporal-functions.ts";
export { type Optimized, optimize, type RuleStep } from "./optimize.ts";
export { toPhysical } from "./physical/to-physical.ts";
export {
  explainText,
  explainText,
  type PlannedQuery,
  type PlannedQuery,
  type PlanTrace,
  planQuery,
  planQuery,
} from "./plan-query.ts";
export { logicalPlanJson, type PlanJson, physicalPlanJson } from "./print/plan-json.ts";
export { printAggregateCall, printExpression, printSortKey } from "./print/print-expression.ts";
export { printLogicalPlan } from "./print/print-logical.ts";
export { physicalInputs, printAnnotatedPlan, printPhysicalPlan } from "./print/print-physical.ts";
export { createEstimator, type Estimator } from "./statistics/estimator.ts";
export { isComplete } from "./syntax/complete-statement.ts";
export { parse } from "./syntax/parse.ts";
export type { Statement } from "./syntax/tree.ts";
