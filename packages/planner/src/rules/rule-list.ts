import { derivePredicates } from "./derive-predicates.ts";
import { eagerAggregation } from "./eager-aggregation.ts";
import { expandDistinct } from "./expand-distinct.ts";
import { factorDisjunctions } from "./factor-disjunctions.ts";
import { foldConstants } from "./fold-constants.ts";
import { inlineCtes } from "./inline-ctes.ts";
import { lowerSetOperations } from "./lower-set-operations.ts";
import { marksToSemiJoins } from "./marks-to-semi-joins.ts";
import { mergeProjections } from "./merge-projections.ts";
import { orderJoins } from "./order-joins.ts";
import { outerToInnerJoins } from "./outer-to-inner-joins.ts";
import { propagateEmpty } from "./propagate-empty.ts";
import { pruneColumns } from "./prune-columns.ts";
import { pushFilters } from "./push-filters.ts";
import { pushLimits } from "./push-limits.ts";
import { reduceAggregations } from "./reduce-aggregations.ts";
import { reduceTwins } from "./reduce-twins.ts";
import { refreshNullability } from "./refresh-nullability.ts";
import { removeDistinct } from "./remove-distinct.ts";
import { removeSorts } from "./remove-sorts.ts";
import type { Rule } from "./rule.ts";
import { shareSubplans } from "./share-subplans.ts";
import { simplifyAggregates } from "./simplify-aggregates.ts";
import { singleJoins } from "./single-joins.ts";
import { splitDisjunctions } from "./split-disjunctions.ts";
import { unnestSubqueries } from "./unnest-subqueries.ts";

/** The rules, in the order they run. Some run twice; between the lines stands what depends on the order. */
export const ruleList: readonly Rule[] = [
  // First: constants decide which predicates are what.
  foldConstants,
  // Before push-filters: what is common to all branches of an OR can move like any other predicate.
  factorDisjunctions,
  // Before unnesting: the left side of a dependent join is where bindings come from, so it should be filtered already.
  // Also brings filters on marks down to the joins that make them.
  pushFilters,
  // Before unnesting: semi and anti joins ask less of it than marks, whose NULLs count.
  marksToSemiJoins,
  unnestSubqueries,
  // After unnesting, which asks whether DISTINCT, UNION … are of a binding's rows.
  lowerSetOperations,
  // After unnesting, before filters move again: nullability decides what marks and counts may become.
  refreshNullability,
  // Before outer-to-inner-joins, which knows left joins but not single ones.
  singleJoins,
  // Filters that unnesting left above its joins.
  pushFilters,
  // After push-filters: a filter that sits on the join says which columns must not be NULL.
  outerToInnerJoins,
  removeSorts,
  removeDistinct,
  splitDisjunctions,
  // What split-disjunctions derived may say the same of one column several times.
  factorDisjunctions,
  // Into the joins that have become inner.
  pushFilters,
  // Twice with push-filters: what is derived at an upper join may cross a lower one once it is there.
  derivePredicates,
  pushFilters,
  derivePredicates,
  pushFilters,
  // Again, before propagate-empty: what unnesting and pushing through projections put together.
  refreshNullability,
  foldConstants,
  propagateEmpty,
  // Projections between joins that pass columns on are in the way of order-joins, and unused columns of its estimates.
  pruneColumns,
  // After prune-columns, which may leave a CTE one reader.
  inlineCtes,
  mergeProjections,
  // After all filters have reached their scans: it goes by how many rows they leave.
  orderJoins,
  // After order-joins: a filter that counts twice, on a table and on what was reduced by it, would mislead it.
  reduceAggregations,
  // After reduce-aggregations, whose semi joins it is about.
  reduceTwins,
  // After reduce-aggregations and reduce-twins, whose copies it takes together; after order-joins, which makes like joins alike.
  shareSubplans,
  // After order-joins: it goes by the join right below an aggregation.
  eagerAggregation,
  // What order-joins left as filters above attached leaves.
  pushFilters,
  // After refresh-nullability: counts of columns that cannot be NULL.
  simplifyAggregates,
  expandDistinct,
  pushLimits,
  pruneColumns,
  // After prune-columns, which leaves projections of nothing new.
  mergeProjections,
  refreshNullability,
];
