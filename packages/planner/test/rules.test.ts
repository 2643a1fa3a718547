import { int32, isNull, type LogicalPlan } from "@headcut/plan";
import { describe, expect, test } from "vitest";
import { optimize } from "../src/optimize.ts";
import { printLogicalPlan } from "../src/print/print-logical.ts";
import { derivePredicates } from "../src/rules/derive-predicates.ts";
import { eagerAggregation } from "../src/rules/eager-aggregation.ts";
import { expandDistinct } from "../src/rules/expand-distinct.ts";
import { factorDisjunctions } from "../src/rules/factor-disjunctions.ts";
import { foldConstants } from "../src/rules/fold-constants.ts";
import { inlineCtes } from "../src/rules/inline-ctes.ts";
import { lowerSetOperations } from "../src/rules/lower-set-operations.ts";
import { marksToSemiJoins } from "../src/rules/marks-to-semi-joins.ts";
import { mergeProjections } from "../src/rules/merge-projections.ts";
import { orderJoins } from "../src/rules/order-joins.ts";
import { outerToInnerJoins } from "../src/rules/outer-to-inner-joins.ts";
import { propagateEmpty } from "../src/rules/propagate-empty.ts";
import { pruneColumns } from "../src/rules/prune-columns.ts";
import { pushFilters } from "../src/rules/push-filters.ts";
import { pushLimits } from "../src/rules/push-limits.ts";
import { reduceAggregations } from "../src/rules/reduce-aggregations.ts";
import { refreshNullability } from "../src/rules/refresh-nullability.ts";
import { removeDistinct } from "../src/rules/remove-distinct.ts";
import { removeSorts } from "../src/rules/remove-sorts.ts";
import type { Rule } from "../src/rules/rule.ts";
import { ruleList } from "../src/rules/rule-list.ts";
import { shareSubplans } from "../src/rules/share-subplans.ts";
import { simplifyAggregates } from "../src/rules/simplify-aggregates.ts";
import { singleJoins } from "../src/rules/single-joins.ts";
import { splitDisjunctions } from "../src/rules/split-disjunctions.ts";
import { unnestSubqueries } from "../src/rules/unnest-subqueries.ts";
import { filter, int, join, planBuilder, table } from "./build-plan.ts";
import { applyRules } from "./plan-sql.ts";

/** The plan after the rules, of which the last must have changed it. */
const after = (sql: string, ...rules: readonly Rule[]): string => {
  const { changed, text } = applyRules(sql, ...rules);
  expect(changed, `${rules.at(-1)!.name} did not fire`).toBe(true);
  return text;
};

const untouched = (sql: string, ...rules: readonly Rule[]): void => {
  const { changed, text } = applyRules(sql, ...rules);
  expect(changed, `${rules.at(-1)!.name} fired: ${text}`).toBe(false);
};

describe("push-filters", () => {
  test("a comma join's predicates become scan filters and the join's condition", () => {
    expect(
      after("SELECT b.id FROM big b, mid m WHERE b.mid_id = m.mid_id AND b.n > 3 AND m.name = 'x'", pushFilters),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        join inner on mid_id#1 = mid_id#2
          scan big as b (id#0, mid_id#1, small_id#4, n#3, price#5, day#6, tag#7)
            · filter n#3 > 3
          scan mid as m (mid_id#2, small_id#9, n#10, name#8)
            · filter name#8 = 'x'
      "
    `);
  });
  test("through a projection, onto group keys, but not onto aggregates", () => {
    expect(
      after("SELECT * FROM (SELECT n + 1 AS k, count(*) AS c FROM big GROUP BY n) WHERE k = 3 AND c > 5", pushFilters),
    ).toMatchInlineSnapshot(`
      "
      project k#0, c#1
        project k#0 = n#2 + 1, "count(*)"#1
          filter "count(*)"#1 > 5
            aggregate by n#2
              · "count(*)"#1 = count(*)
              scan big (id#3, mid_id#4, small_id#5, n#2, price#6, day#7, tag#8)
                · filter n#2 + 1 = 3
      "
    `);
  });
  test("into both sides of a set operation", () => {
    expect(
      after("SELECT * FROM (SELECT n FROM big UNION ALL SELECT n FROM mid) WHERE n = 3", pushFilters),
    ).toMatchInlineSnapshot(`
      "
      project n#0
        setOperation union all (n#0)
          project n#1
            scan big (id#2, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7)
              · filter n#1 = 3
          project n#8
            scan mid (mid_id#9, small_id#10, n#8, name#11)
              · filter n#8 = 3
      "
    `);
  });
  test("not into the padded side of an outer join, nor from ON into the preserved one", () => {
    expect(
      after(
        "SELECT b.id FROM big b LEFT JOIN mid m ON b.mid_id = m.mid_id AND b.n = 1 AND m.n = 2 WHERE m.name IS NULL AND b.tag = 'x'",
        pushFilters,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        filter name#1 IS NULL
          join left on mid_id#2 = mid_id#3 AND n#4 = 1
            scan big as b (id#0, mid_id#2, small_id#6, n#4, price#7, day#8, tag#5)
              · filter tag#5 = 'x'
            scan mid as m (mid_id#3, small_id#10, n#9, name#1)
              · filter n#9 = 2
      "
    `);
  });
  test("not below an ungrouped aggregation, nor below LIMIT", () => {
    untouched("SELECT * FROM (SELECT count(*) AS c FROM big) WHERE 1 = 2", pushFilters, pushFilters);
    untouched("SELECT id FROM (SELECT id, n FROM big ORDER BY id LIMIT 3) WHERE n = 1", pushFilters, pushFilters);
  });
});

describe("factor-disjunctions", () => {
  test("takes out what all branches have in common", () => {
    expect(
      after(
        "SELECT b.id FROM big b, mid m WHERE (b.mid_id = m.mid_id AND b.n = 1) OR (b.mid_id = m.mid_id AND m.n = 2)",
        factorDisjunctions,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        filter mid_id#1 = mid_id#2 AND (n#3 = 1 OR n#4 = 2)
          join inner
            scan big as b (id#0, mid_id#1, small_id#5, n#3, price#6, day#7, tag#8)
            scan mid as m (mid_id#2, small_id#9, n#4, name#10)
      "
    `);
  });
  test("a branch that is all in common makes the rest superfluous", () => {
    expect(after("SELECT id FROM big WHERE n = 1 OR (n = 1 AND tag = 'x')", factorDisjunctions)).toMatchInlineSnapshot(`
      "
      project id#0
        filter n#1 = 1
          scan big (id#0, mid_id#2, small_id#3, n#1, price#4, day#5, tag#6)
      "
    `);
  });
  test("equalities with constants become IN", () => {
    expect(
      after("SELECT id FROM big WHERE n = 1 OR n IN (2, 3) OR tag = 'x'", factorDisjunctions),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        filter n#1 IN (1, 2, 3) OR tag#2 = 'x'
          scan big (id#0, mid_id#3, small_id#4, n#1, price#5, day#6, tag#2)
      "
    `);
  });
  test("not where the branches share nothing", () => {
    untouched("SELECT id FROM big WHERE n = 1 OR tag = 'x'", factorDisjunctions);
  });
});

describe("split-disjunctions", () => {
  test("derives what each table alone must satisfy", () => {
    expect(
      after("SELECT b.id FROM big b, mid m WHERE (b.n = 1 AND m.n = 2) OR (b.n = 2 AND m.n = 1)", splitDisjunctions),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        filter (n#1 = 1 AND n#2 = 2 OR n#1 = 2 AND n#2 = 1) AND (n#1 = 1 OR n#1 = 2) AND (n#2 = 2 OR n#2 = 1)
          join inner
            scan big as b (id#0, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7)
            scan mid as m (mid_id#8, small_id#9, n#2, name#10)
      "
    `);
  });
  test("not for a table that one branch leaves free", () => {
    untouched("SELECT b.id FROM big b, mid m WHERE b.n = 1 OR m.n = 2", splitDisjunctions);
  });
});

describe("marks-to-semi-joins", () => {
  test("EXISTS and IN become semi joins, NOT EXISTS an anti join", () => {
    expect(
      after(
        "SELECT id FROM big b WHERE EXISTS (FROM mid m WHERE m.mid_id = b.mid_id) AND NOT EXISTS (FROM small) AND n IN (SELECT n FROM mid)",
        pushFilters,
        marksToSemiJoins,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        join semi on n#1 = n#2
          join anti
            join dependent semi
              scan big as b (id#0, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7)
              project mid_id#8, small_id#9, n#10, name#11
                filter mid_id#8 = mid_id#3
                  scan mid as m (mid_id#8, small_id#9, n#10, name#11)
            project small_id#12, n#13, name#14
              scan small (small_id#12, n#13, name#14)
          project n#2
            scan mid (mid_id#15, small_id#16, n#2, name#17)
      "
    `);
  });
  test("NOT IN over columns without NULLs is an anti join", () => {
    expect(
      after("SELECT id FROM big WHERE mid_id NOT IN (SELECT mid_id FROM mid)", pushFilters, marksToSemiJoins),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        join anti on mid_id#1 = mid_id#2
          scan big (id#0, mid_id#1, small_id#3, n#4, price#5, day#6, tag#7)
          project mid_id#2
            scan mid (mid_id#2, small_id#8, n#9, name#10)
      "
    `);
  });
  test("not for NOT IN where either side may be NULL, nor for a mark under OR", () => {
    untouched("SELECT id FROM big WHERE n NOT IN (SELECT mid_id FROM mid)", pushFilters, marksToSemiJoins);
    untouched("SELECT id FROM big WHERE mid_id NOT IN (SELECT n FROM mid)", pushFilters, marksToSemiJoins);
    untouched("SELECT id FROM big WHERE n IN (SELECT n FROM mid) OR id = 1", pushFilters, marksToSemiJoins);
  });
});

describe("outer-to-inner-joins", () => {
  const left = "SELECT b.id FROM big b LEFT JOIN mid m ON b.mid_id = m.mid_id WHERE ";
  test("a predicate that NULL fails makes a left join inner, a full join one-sided", () => {
    expect(after(`${left} m.n > 3`, pushFilters, outerToInnerJoins)).toMatchInlineSnapshot(`
      "
      project id#0
        filter n#1 > 3
          join inner on mid_id#2 = mid_id#3
            scan big as b (id#0, mid_id#2, small_id#4, n#5, price#6, day#7, tag#8)
            scan mid as m (mid_id#3, small_id#9, n#1, name#10)
      "
    `);
    expect(
      after(
        "SELECT b.id FROM big b FULL JOIN mid m ON b.mid_id = m.mid_id WHERE b.n > 3",
        pushFilters,
        outerToInnerJoins,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        filter n#1 > 3
          join left on mid_id#2 = mid_id#3
            scan big as b (id#0, mid_id#2, small_id#4, n#1, price#5, day#6, tag#7)
            scan mid as m (mid_id#3, small_id#8, n#9, name#10)
      "
    `);
  });
  test("an inner join above says the same as a filter", () => {
    expect(
      after(
        "SELECT b.id FROM (big b LEFT JOIN mid m ON b.mid_id = m.mid_id) JOIN small s ON s.n = m.n",
        outerToInnerJoins,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        join inner on n#1 = n#2
          join inner on mid_id#3 = mid_id#4
            scan big as b (id#0, mid_id#3, small_id#5, n#6, price#7, day#8, tag#9)
            scan mid as m (mid_id#4, small_id#10, n#2, name#11)
          scan small as s (small_id#12, n#1, name#13)
      "
    `);
  });
  test("not for predicates that NULL may pass", () => {
    untouched(`${left} m.n IS NULL`, pushFilters, outerToInnerJoins);
    untouched(`${left} coalesce(m.n, 1) = 1`, pushFilters, outerToInnerJoins);
    untouched(`${left} m.n = 1 OR b.n = 1`, pushFilters, outerToInnerJoins);
    untouched(`${left} m.n IS DISTINCT FROM 1`, pushFilters, outerToInnerJoins);
  });
});

describe("single-joins", () => {
  test("a scalar subquery of one row is cross joined", () => {
    expect(after("SELECT id, (SELECT max(n) FROM mid) FROM big", singleJoins)).toMatchInlineSnapshot(`
      "
      project id#0, "max(n)"#1
        join inner
          scan big (id#0, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7)
          project "max(n)"#1
            aggregate
              · "max(n)"#1 = max(n#8)
              scan mid (mid_id#9, small_id#10, n#8, name#11)
      "
    `);
  });
  test("a correlated aggregate, grouped by unnesting, is left joined", () => {
    expect(
      after("SELECT id, (SELECT max(n) FROM mid m WHERE m.mid_id = b.mid_id) FROM big b", unnestSubqueries),
    ).toMatchInlineSnapshot(`
      "
      project id#0, "max(n)"#1
        project id#0, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7, "max(n)"#1
          project id#0, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7, "max(n)"#1 = "max(n)"#8
            join left on mid_id#9 = mid_id#2
              scan big as b (id#0, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7)
              aggregate by mid_id#9
                · "max(n)"#8 = max(n#10)
                scan mid as m (mid_id#9, small_id#11, n#10, name#12)
      "
    `);
  });
  test("not where two rows may come", () => {
    untouched("SELECT id, (SELECT n FROM mid) FROM big", singleJoins);
    untouched("SELECT id, (SELECT n FROM mid m WHERE m.mid_id = b.mid_id) FROM big b", unnestSubqueries, singleJoins);
  });
});

describe("derive-predicates", () => {
  test("constants cross equality joins", () => {
    expect(
      after(
        "SELECT b.id FROM big b JOIN mid m ON b.mid_id = m.mid_id WHERE b.mid_id BETWEEN 3 AND 5",
        pushFilters,
        derivePredicates,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        join inner on mid_id#1 = mid_id#2
          scan big as b (id#0, mid_id#1, small_id#3, n#4, price#5, day#6, tag#7)
            · filter mid_id#1 >= 3
            · filter mid_id#1 <= 5
          filter mid_id#2 >= 3 AND mid_id#2 <= 5
            scan mid as m (mid_id#2, small_id#8, n#9, name#10)
      "
    `);
  });
  test("from the preserved side of a left join to the padded one, not back", () => {
    expect(
      after(
        "SELECT b.id FROM big b LEFT JOIN mid m ON b.mid_id = m.mid_id WHERE b.mid_id = 7",
        pushFilters,
        derivePredicates,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        join left on mid_id#1 = mid_id#2
          scan big as b (id#0, mid_id#1, small_id#3, n#4, price#5, day#6, tag#7)
            · filter mid_id#1 = 7
          filter mid_id#2 = 7
            scan mid as m (mid_id#2, small_id#8, n#9, name#10)
      "
    `);
    untouched(
      "SELECT b.id FROM big b LEFT JOIN mid m ON b.mid_id = m.mid_id AND m.mid_id = 7",
      pushFilters,
      derivePredicates,
    );
  });
  test("not across a mark join, which tells NULL from FALSE", () => {
    untouched(
      "SELECT id FROM big WHERE n NOT IN (SELECT n FROM mid) AND n > 3",
      pushFilters,
      marksToSemiJoins,
      derivePredicates,
    );
  });
});

describe("prune-columns", () => {
  test("scans read what is used, unused aggregates and outer joins on a unique key go", () => {
    expect(
      after(
        "SELECT b.id FROM big b LEFT JOIN (SELECT mid_id, count(*) AS c, sum(n) AS s FROM mid GROUP BY mid_id) m ON b.mid_id = m.mid_id",
        pruneColumns,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        scan big as b (id#0)
      "
    `);
  });
  test("an outer join that may multiply rows stays", () => {
    expect(after("SELECT b.id FROM big b LEFT JOIN mid m ON b.mid_id = m.mid_id", pruneColumns)).toMatchInlineSnapshot(`
      "
      project id#0
        join left on mid_id#1 = mid_id#2
          scan big as b (id#0, mid_id#1)
          scan mid as m (mid_id#2)
      "
    `);
  });
  test("columns of UNION ALL go on both sides, of UNION they are compared", () => {
    expect(
      after("SELECT n FROM (SELECT id, n FROM big UNION ALL SELECT mid_id, n FROM mid)", pruneColumns),
    ).toMatchInlineSnapshot(`
      "
      project n#0
        setOperation union all (n#0)
          project n#1
            scan big (n#1)
          project n#2
            project n#2
              scan mid (n#2)
      "
    `);
    expect(
      after("SELECT n FROM (SELECT id, n FROM big UNION SELECT mid_id, n FROM mid)", pruneColumns),
    ).toMatchInlineSnapshot(`
      "
      project n#0
        setOperation union (id#1, n#0)
          project id#2, n#3
            scan big (id#2, n#3)
          project mid_id#4 = CAST(mid_id#5 AS BIGINT), n#6
            project mid_id#5, n#6
              scan mid (mid_id#5, n#6)
      "
    `);
  });
});

describe("merge-projections", () => {
  test("two projections become one", () => {
    expect(after("SELECT k + 1 AS j FROM (SELECT n + 1 AS k FROM big)", mergeProjections)).toMatchInlineSnapshot(`
      "
      project j#0 = n#1 + 1 + 1
        scan big (id#2, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7)
      "
    `);
  });
  test("not if that computed something twice", () => {
    untouched("SELECT k * k AS j FROM (SELECT n + 1 AS k FROM big)", mergeProjections);
  });
});

describe("remove-sorts", () => {
  test("an order that is lost above is not made", () => {
    expect(after("SELECT count(*) FROM (SELECT n FROM big ORDER BY n)", removeSorts)).toMatchInlineSnapshot(`
      "
      project "count(*)"#0
        aggregate
          · "count(*)"#0 = count(*)
          project n#1
            scan big (id#2, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7)
      "
    `);
  });
  test("not under LIMIT, under an aggregate that depends on it, nor at the top", () => {
    untouched("SELECT count(*) FROM (SELECT n FROM big ORDER BY n LIMIT 3)", removeSorts);
    untouched("SELECT string_agg(tag, ',') FROM (SELECT tag FROM big ORDER BY tag)", removeSorts);
    untouched("SELECT n FROM big ORDER BY n", removeSorts);
  });
});

describe("remove-distinct", () => {
  test("over groups, and on the right of a semi join", () => {
    expect(after("SELECT DISTINCT n, count(*) FROM big GROUP BY n", removeDistinct)).toMatchInlineSnapshot(`
      "
      project n#0, "count_star()"#1
        project n#0, "count(*)"#1
          aggregate by n#0
            · "count(*)"#1 = count(*)
            scan big (id#2, mid_id#3, small_id#4, n#0, price#5, day#6, tag#7)
      "
    `);
    expect(
      after(
        "SELECT id FROM big WHERE n IN (SELECT DISTINCT n FROM mid)",
        pushFilters,
        marksToSemiJoins,
        removeDistinct,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        join semi on n#1 = n#2
          scan big (id#0, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7)
          project n#2
            project n#2
              scan mid (mid_id#8, small_id#9, n#2, name#10)
      "
    `);
  });
  test("not where duplicates may be, nor where they count", () => {
    untouched("SELECT DISTINCT count(*) FROM big GROUP BY n", removeDistinct);
    untouched("SELECT b.id FROM big b JOIN (SELECT DISTINCT n FROM mid) m ON b.n = m.n", removeDistinct);
  });
});

describe("push-limits", () => {
  test("through a projection to its sort, into UNION ALL and a left join's left side", () => {
    expect(
      after("SELECT n + 1 FROM (SELECT n FROM big ORDER BY n) LIMIT 3 OFFSET 1", pushLimits),
    ).toMatchInlineSnapshot(`
      "
      project "n + 1"#0 = n#1 + 1
        limit 3 offset 1
          sort n#1 NULLS LAST
            project n#1
              scan big (id#2, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7)
      "
    `);
    expect(after("SELECT n FROM big UNION ALL SELECT n FROM mid LIMIT 3 OFFSET 1", pushLimits)).toMatchInlineSnapshot(`
      "
      limit 3 offset 1
        setOperation union all (n#0)
          project n#1
            limit 4
              scan big (id#2, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7)
          project n#8
            limit 4
              scan mid (mid_id#9, small_id#10, n#8, name#11)
      "
    `);
    expect(
      after("SELECT b.id FROM big b LEFT JOIN mid m ON b.mid_id = m.mid_id LIMIT 3", mergeProjections, pushLimits),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        limit 3
          join left on mid_id#1 = mid_id#2
            limit 3
              scan big as b (id#0, mid_id#1, small_id#3, n#4, price#5, day#6, tag#7)
            scan mid as m (mid_id#2, small_id#8, n#9, name#10)
      "
    `);
  });
  test("not into an inner join or a filter", () => {
    untouched("SELECT * FROM big b JOIN mid m ON b.mid_id = m.mid_id LIMIT 3", pushLimits, pushLimits);
    untouched("SELECT * FROM big b WHERE n = 1 LIMIT 3", pushLimits, pushLimits);
  });
});

describe("propagate-empty", () => {
  test("what is never TRUE makes nothing", () => {
    expect(
      after(
        "SELECT b.id, m.n FROM big b LEFT JOIN (SELECT * FROM mid WHERE 1 = 2) m ON b.mid_id = m.mid_id",
        foldConstants,
        propagateEmpty,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0, n#1
        project id#0, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7, mid_id#8 = NULL, small_id#9 = NULL, n#1 = NULL, name#10 = NULL
          scan big as b (id#0, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7)
      "
    `);
    expect(
      after("SELECT n, count(*) FROM big WHERE NULL GROUP BY n", foldConstants, propagateEmpty),
    ).toMatchInlineSnapshot(`
      "
      values (n#0, "count_star()"#1)
      "
    `);
  });
  test("an ungrouped aggregation has its row nonetheless; NOT IN of nothing is TRUE", () => {
    expect(after("SELECT count(*) FROM big WHERE 1 = 2", foldConstants, propagateEmpty)).toMatchInlineSnapshot(`
      "
      project "count(*)"#0
        aggregate
          · "count(*)"#0 = count(*)
          values (id#1, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7)
      "
    `);
    expect(
      after("SELECT id FROM big WHERE n NOT IN (SELECT n FROM mid WHERE 1 = 2)", foldConstants, propagateEmpty),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        filter NOT in#1
          project id#0, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7, in#1 = FALSE
            scan big (id#0, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7)
      "
    `);
  });
  test("not where rows may come", () => {
    untouched("SELECT id FROM big WHERE n = 1", foldConstants, propagateEmpty);
  });
});

describe("simplify-aggregates", () => {
  test("counts of what is never NULL count rows; DISTINCT goes where it changes nothing", () => {
    expect(
      after("SELECT count(id), count(n), min(DISTINCT n), count(DISTINCT n) FROM big", simplifyAggregates),
    ).toMatchInlineSnapshot(`
      "
      project "count(id)"#0, "count(n)"#1, "min(DISTINCT n)"#2, "count(DISTINCT n)"#3
        aggregate
          · "count(id)"#0 = count(*)
          · "count(n)"#1 = count(n#4)
          · "min(DISTINCT n)"#2 = min(n#4)
          · "count(DISTINCT n)"#3 = count(DISTINCT n#4)
          scan big (id#5, mid_id#6, small_id#7, n#4, price#8, day#9, tag#10)
      "
    `);
  });
  test("not for columns that may be NULL", () => {
    untouched("SELECT count(n) FROM big", simplifyAggregates);
  });
});

describe("expand-distinct", () => {
  test("one argument: two steps, plain aggregates in parts", () => {
    expect(
      after("SELECT tag, count(DISTINCT n), sum(DISTINCT n), count(*), max(id) FROM big GROUP BY tag", expandDistinct),
    ).toMatchInlineSnapshot(`
      "
      project tag#0, "count(DISTINCT n)"#1, "sum(DISTINCT n)"#2, "count(*)"#3, "max(id)"#4
        project tag#0, "count(DISTINCT n)"#1, "sum(DISTINCT n)"#2, "count(*)"#3 = CASE WHEN "count(*)"#5 IS NULL THEN 0 ELSE CAST("count(*)"#5 AS BIGINT) END, "max(id)"#4
          aggregate by tag#0
            · "count(DISTINCT n)"#1 = count(n#6)
            · "sum(DISTINCT n)"#2 = sum(n#6)
            · "count(*)"#5 = sum("count(*)"#7)
            · "max(id)"#4 = max("max(id)"#8)
            aggregate by tag#0, n#6 = n#9
              · "count(*)"#7 = count(*)
              · "max(id)"#8 = max(id#10)
              scan big (id#10, mid_id#11, small_id#12, n#9, price#13, day#14, tag#0)
      "
    `);
  });
  test("several arguments, or averages beside them: computed apart and joined", () => {
    expect(
      after("SELECT tag, count(DISTINCT n), count(DISTINCT mid_id) FROM big GROUP BY tag", expandDistinct),
    ).toMatchInlineSnapshot(`
      "
      project tag#0, "count(DISTINCT n)"#1, "count(DISTINCT mid_id)"#2
        project tag#0 = tag#3, "count(DISTINCT n)"#1, "count(DISTINCT mid_id)"#2
          join inner on tag#3 IS NOT DISTINCT FROM tag#4
            aggregate by tag#3
              · "count(DISTINCT n)"#1 = count(n#5)
              aggregate by tag#3 = tag#6, n#5 = n#7
                scan big (id#8, mid_id#9, small_id#10, n#7, price#11, day#12, tag#6)
            aggregate by tag#4
              · "count(DISTINCT mid_id)"#2 = count(mid_id#13)
              aggregate by tag#4 = tag#14, mid_id#13 = mid_id#15
                scan big (id#16, mid_id#15, small_id#17, n#18, price#19, day#20, tag#14)
      "
    `);
    expect(after("SELECT count(DISTINCT n), avg(id) FROM big", expandDistinct)).toMatchInlineSnapshot(`
      "
      project "count(DISTINCT n)"#0, "avg(id)"#1
        project "count(DISTINCT n)"#0, "avg(id)"#1
          join inner
            aggregate
              · "avg(id)"#1 = avg(id#2)
              scan big (id#2, mid_id#3, small_id#4, n#5, price#6, day#7, tag#8)
            aggregate
              · "count(DISTINCT n)"#0 = count(n#9)
              aggregate by n#9 = n#10
                scan big (id#11, mid_id#12, small_id#13, n#10, price#14, day#15, tag#16)
      "
    `);
  });
  test("not without DISTINCT", () => {
    untouched("SELECT tag, count(n) FROM big GROUP BY tag", expandDistinct);
  });
});

describe("lower-set-operations", () => {
  test("UNION, INTERSECT and EXCEPT in terms of other operators", () => {
    expect(after("SELECT n FROM big UNION SELECT n FROM mid", lowerSetOperations)).toMatchInlineSnapshot(`
      "
      aggregate by n#0
        setOperation union all (n#0)
          project n#1
            scan big (id#2, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7)
          project n#8
            scan mid (mid_id#9, small_id#10, n#8, name#11)
      "
    `);
    expect(after("SELECT n FROM big EXCEPT SELECT n FROM mid", lowerSetOperations)).toMatchInlineSnapshot(`
      "
      project n#0 = n#1
        join anti on n#1 IS NOT DISTINCT FROM n#2
          aggregate by n#1
            project n#1
              scan big (id#3, mid_id#4, small_id#5, n#1, price#6, day#7, tag#8)
          project n#2
            scan mid (mid_id#9, small_id#10, n#2, name#11)
      "
    `);
    expect(after("SELECT n FROM big INTERSECT ALL SELECT n FROM mid", lowerSetOperations)).toMatchInlineSnapshot(`
      "
      project n#0 = n#1
        repeat CASE WHEN lefts#2 < rights#3 THEN lefts#2 ELSE rights#3 END
          aggregate by n#1
            · lefts#2 = count(*) FILTER (WHERE side#4 = 0)
            · rights#3 = count(*) FILTER (WHERE side#4 = 1)
            setOperation union all (n#1, side#4)
              project n#5, side#6 = 0
                project n#5
                  scan big (id#7, mid_id#8, small_id#9, n#5, price#10, day#11, tag#12)
              project n#13, side#14 = 1
                project n#13
                  scan mid (mid_id#15, small_id#16, n#13, name#17)
      "
    `);
  });
  test("not UNION ALL", () => {
    untouched("SELECT n FROM big UNION ALL SELECT n FROM mid", lowerSetOperations);
  });
});

describe("inline-ctes", () => {
  const inlined = (body: (scan: () => LogicalPlan) => LogicalPlan): { before: LogicalPlan; after: LogicalPlan } => {
    const b = planBuilder();
    const before = b.with(b.scan(table("t", 10, { a: { type: int32 } })), body);
    return { before, after: optimize(before, b.ids, [inlineCtes]).plan };
  };
  test("a CTE that is read once is put in place, under the reader's names", () => {
    const { after } = inlined((scan) => filter(scan(), isNull(int(1))));
    expect(`\n${printLogicalPlan(after)}\n`).toMatchInlineSnapshot(`
      "
      filter 1 IS NULL
        project a#0 = a#1
          scan t (a#1)
      "
    `);
  });
  test("not one that is read twice", () => {
    const { before, after } = inlined((scan) => join("inner", scan(), scan()));
    expect(after).toBe(before);
  });
});

describe("refresh-nullability", () => {
  test("nothing to say about a plan as bound", () => {
    untouched("SELECT b.id + 1, m.n FROM big b LEFT JOIN mid m ON b.mid_id = m.mid_id", refreshNullability);
  });
  test("what an inner join no longer pads", () => {
    const sql = "SELECT b.id, m.mid_id FROM big b LEFT JOIN mid m ON b.mid_id = m.mid_id WHERE m.n > 3";
    expect(applyRules(sql, pushFilters, outerToInnerJoins, refreshNullability).changed).toBe(true);
  });
});

describe("unnest-subqueries", () => {
  const unnested = (sql: string): string => after(sql, pushFilters, marksToSemiJoins, unnestSubqueries);
  test("an equality needs no domain: groups and a left join", () => {
    expect(
      unnested("SELECT id FROM big b WHERE n > (SELECT avg(n) FROM mid m WHERE m.mid_id = b.mid_id)"),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        filter CAST(n#1 AS DOUBLE) > "avg(n)"#2
          project id#0, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7, "avg(n)"#2
            project id#0, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7, "avg(n)"#2 = "avg(n)"#8
              join left on mid_id#9 = mid_id#3
                scan big as b (id#0, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7)
                aggregate by mid_id#9
                  · "avg(n)"#8 = avg(n#10)
                  scan mid as m (mid_id#9, small_id#11, n#10, name#12)
      "
    `);
  });
  test("counts of no rows are zero", () => {
    expect(
      unnested("SELECT id, (SELECT count(*) FROM mid m WHERE m.mid_id = b.mid_id) FROM big b"),
    ).toMatchInlineSnapshot(`
      "
      project id#0, "count_star()"#1
        project id#0, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7, "count(*)"#1
          project id#0, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7, "count(*)"#1 = CASE WHEN "count(*)"#8 IS NULL THEN 0 ELSE "count(*)"#8 END
            join left on mid_id#9 = mid_id#2
              scan big as b (id#0, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7)
              aggregate by mid_id#9
                · "count(*)"#8 = count(*)
                scan mid as m (mid_id#9, small_id#10, n#11, name#12)
      "
    `);
  });
  test("an inequality below an aggregate needs the domain", () => {
    expect(
      unnested("SELECT small_id, (SELECT count(*) FROM mid m WHERE m.mid_id < s.n) FROM small s"),
    ).toMatchInlineSnapshot(`
      "
      project small_id#0, "count_star()"#1
        project small_id#0, n#2, name#3, "count(*)"#1
          project small_id#0, n#2, name#3, "count(*)"#1 = CASE WHEN "count(*)"#4 IS NULL THEN 0 ELSE "count(*)"#4 END
            join left on n#2 IS NOT DISTINCT FROM n#5
              scan small as s (small_id#0, n#2, name#3)
              aggregate by n#5
                · "count(*)"#4 = count(*)
                join inner on mid_id#6 < n#5
                  aggregate by n#5
                    scan small as s (small_id#7, n#5, name#8)
                  scan mid as m (mid_id#6, small_id#9, n#10, name#11)
      "
    `);
  });
  test("EXISTS with any predicate is a semi join", () => {
    expect(
      unnested("SELECT id FROM big b WHERE EXISTS (FROM mid m WHERE m.mid_id = b.mid_id AND m.n <> b.n)"),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        join semi on mid_id#1 = mid_id#2 AND n#3 <> n#4
          scan big as b (id#0, mid_id#2, small_id#5, n#4, price#6, day#7, tag#8)
          scan mid as m (mid_id#1, small_id#9, n#3, name#10)
      "
    `);
  });
  test("correlation two levels deep", () => {
    expect(
      unnested(
        "SELECT id FROM big b WHERE EXISTS (FROM mid m WHERE m.mid_id = b.mid_id AND m.n > (SELECT max(s.n) FROM small s WHERE s.small_id = m.small_id AND s.n < b.n))",
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        join semi on mid_id#1 = mid_id#2 AND n#3 IS NOT DISTINCT FROM n#4
          scan big as b (id#0, mid_id#1, small_id#5, n#3, price#6, day#7, tag#8)
          filter n#9 > "max(s.n)"#10
            project mid_id#2, n#4, mid_id#11, small_id#12, n#9, name#13, "max(s.n)"#10
              with outer#0
                join inner on mid_id#14 = mid_id#15
                  aggregate by mid_id#15, n#16
                    scan big as b (id#17, mid_id#15, small_id#18, n#16, price#19, day#20, tag#21)
                  scan mid as m (mid_id#14, small_id#22, n#23, name#24)
                project mid_id#2, n#4, mid_id#11, small_id#12, n#9, name#13, "max(s.n)"#10 = "max(s.n)"#25
                  join left on n#4 IS NOT DISTINCT FROM n#26 AND small_id#12 = small_id#27
                    cteScan outer#0 (mid_id#2 = #15, n#4 = #16, mid_id#11 = #14, small_id#12 = #22, n#9 = #23, name#13 = #24)
                    aggregate by n#26, small_id#27
                      · "max(s.n)"#25 = max(n#28)
                      join inner on small_id#29 = small_id#27 AND n#28 < n#26
                        aggregate by n#26, small_id#27
                          cteScan outer#0 (n#26 = #16, small_id#27 = #22)
                        scan small as s (small_id#29, n#28, name#30)
      "
    `);
  });
  test("a mark whose NULLs count keeps them", () => {
    expect(unnested("SELECT id, n IN (SELECT n FROM mid m WHERE m.n = b.n) FROM big b")).toMatchInlineSnapshot(`
      "
      project id#0, in#1
        join mark in#1 on n#2 = n#3 AND n#2 IS NOT DISTINCT FROM n#3
          scan big as b (id#0, mid_id#4, small_id#5, n#2, price#6, day#7, tag#8)
          filter n#3 IS NOT NULL
            scan mid as m (mid_id#9, small_id#10, n#3, name#11)
      "
    `);
  });
  test("LIMIT 1 takes the first row per binding; other limits are refused", () => {
    expect(
      unnested("SELECT id, (SELECT name FROM mid m WHERE m.mid_id = b.mid_id ORDER BY n DESC LIMIT 1) FROM big b"),
    ).toMatchInlineSnapshot(`
      "
      project id#0, name#1
        join single on mid_id#2 = mid_id#3
          scan big as b (id#0, mid_id#3, small_id#4, n#5, price#6, day#7, tag#8)
          project name#1, mid_id#2
            project mid_id#2, name#1 = name#9, order#10 = order#11
              aggregate by mid_id#2 = mid_id#12
                · name#9 = first(name#1 ORDER BY order#10 DESC NULLS LAST, name#1 NULLS LAST, order#10 NULLS LAST)
                · order#11 = first(order#10 ORDER BY order#10 DESC NULLS LAST, name#1 NULLS LAST, order#10 NULLS LAST)
                project name#1, n#10, mid_id#12
                  scan mid as m (mid_id#12, small_id#13, n#10, name#1)
      "
    `);
    expect(() =>
      applyRules(
        "SELECT * FROM small s, LATERAL (SELECT * FROM mid m WHERE m.small_id = s.small_id LIMIT 2)",
        unnestSubqueries,
      ),
    ).toThrow("LIMIT 1 alone");
  });
  test("not an uncorrelated subquery", () => {
    untouched("SELECT id, (SELECT max(n) FROM mid) FROM big", unnestSubqueries);
  });
});

describe("order-joins", () => {
  test("small and filtered tables first, whatever the query's order", () => {
    expect(
      after(
        "SELECT b.id FROM big b, mid m, small s WHERE b.mid_id = m.mid_id AND m.small_id = s.small_id AND s.name = 'x'",
        pushFilters,
        orderJoins,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        join inner on mid_id#1 = mid_id#2
          scan big as b (id#0, mid_id#1, small_id#3, n#4, price#5, day#6, tag#7)
          join inner on small_id#8 = small_id#9
            scan mid as m (mid_id#2, small_id#8, n#10, name#11)
            scan small as s (small_id#9, n#13, name#12)
              · filter name#12 = 'x'
      "
    `);
  });
  test("two tables that only a third connects are not multiplied", () => {
    const { text } = applyRules(
      "SELECT b.id FROM small s, mid m, big b WHERE b.mid_id = m.mid_id AND b.small_id = s.small_id",
      pushFilters,
      orderJoins,
    );
    expect(text).not.toMatch(/join inner$/m);
  });
  test("a semi join goes where it drops most", () => {
    expect(
      after(
        "SELECT b.id FROM big b JOIN mid m ON b.mid_id = m.mid_id JOIN small s ON m.small_id = s.small_id WHERE b.n IN (SELECT small_id FROM small WHERE name = 'y')",
        pushFilters,
        marksToSemiJoins,
        orderJoins,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        join inner on mid_id#1 = mid_id#2
          join semi on n#3 = small_id#4
            scan big as b (id#0, mid_id#1, small_id#5, n#3, price#6, day#7, tag#8)
            project small_id#4
              scan small (small_id#4, n#10, name#9)
                · filter name#9 = 'y'
          join inner on small_id#11 = small_id#12
            scan mid as m (mid_id#2, small_id#11, n#13, name#14)
            scan small as s (small_id#12, n#15, name#16)
      "
    `);
  });
  test("not two leaves, which leave no choice", () => {
    untouched("SELECT b.id FROM big b JOIN mid m ON b.mid_id = m.mid_id", pushFilters, orderJoins);
  });
});

describe("reduce-aggregations", () => {
  const sql = (where: string): string =>
    `SELECT m.name FROM mid m JOIN (SELECT mid_id, sum(n) AS s FROM big GROUP BY mid_id) g ON g.mid_id = m.mid_id WHERE ${where}`;
  test("only the groups a filtered table asks for are made", () => {
    expect(
      after(sql("m.mid_id = 7 AND m.n = 3"), pushFilters, mergeProjections, reduceAggregations),
    ).toMatchInlineSnapshot(`
      "
      project name#0
        join inner on mid_id#1 = mid_id#2
          scan mid as m (mid_id#2, small_id#4, n#3, name#0)
            · filter mid_id#2 = 7
            · filter n#3 = 3
          aggregate by mid_id#1
            · "sum(n)"#5 = sum(n#6)
            join semi on mid_id#1 = mid_id#7
              scan big (id#8, mid_id#1, small_id#9, n#6, price#10, day#11, tag#12)
              scan mid as m (mid_id#7, small_id#14, n#13, name#15)
                · filter mid_id#7 = 7
                · filter n#13 = 3
      "
    `);
  });
  test("not where the table's filter keeps most", () => {
    untouched(sql("m.mid_id > 7"), pushFilters, mergeProjections, reduceAggregations);
  });
  test("not by a condition that rows survive without", () => {
    untouched(
      `SELECT m.name FROM (SELECT mid_id, sum(n) AS s FROM big GROUP BY mid_id) g LEFT JOIN mid m ON g.mid_id = m.mid_id AND m.n = 3`,
      pushFilters,
      mergeProjections,
      reduceAggregations,
    );
  });
});

describe("eager-aggregation", () => {
  const rules = [pushFilters, pruneColumns, mergeProjections, eagerAggregation];
  test("a fact table is grouped by its foreign key before the join", () => {
    expect(
      after("SELECT m.name, sum(b.n), count(*) FROM big b JOIN mid m ON b.mid_id = m.mid_id GROUP BY m.name", ...rules),
    ).toMatchInlineSnapshot(`
      "
      project group#0, "sum(b.n)"#1, "count(*)"#2 = CASE WHEN "count(*)"#3 IS NULL THEN 0 ELSE CAST("count(*)"#3 AS BIGINT) END
        aggregate by name#0
          · "sum(b.n)"#1 = sum("sum(b.n)"#4)
          · "count(*)"#3 = sum("count(*)"#5)
          join inner on mid_id#6 = mid_id#7
            aggregate by mid_id#6
              · "sum(b.n)"#4 = sum(n#8)
              · "count(*)"#5 = count(*)
              scan big as b (mid_id#6, n#8)
            scan mid as m (mid_id#7, name#0)
      "
    `);
  });
  test("under a left join, padded rows count as one for count(*) and zero for count(x)", () => {
    expect(
      after(
        "SELECT m.mid_id, count(*), count(b.n), max(b.day) FROM mid m LEFT JOIN big b ON b.mid_id = m.mid_id AND b.n > 1 GROUP BY m.mid_id",
        ...rules,
      ),
    ).toMatchInlineSnapshot(`
      "
      project group#0, "count(*)"#1 = CASE WHEN "count(*)"#2 IS NULL THEN 0 ELSE CAST("count(*)"#2 AS BIGINT) END, "count(b.n)"#3 = CASE WHEN "count(b.n)"#4 IS NULL THEN 0 ELSE CAST("count(b.n)"#4 AS BIGINT) END, "max(b.day)"#5
        aggregate by mid_id#0
          · "count(*)"#2 = sum(CASE WHEN "count(*)"#6 IS NULL THEN 1 ELSE "count(*)"#6 END)
          · "count(b.n)"#4 = sum("count(b.n)"#7)
          · "max(b.day)"#5 = max("max(b.day)"#8)
          join left on mid_id#9 = mid_id#0
            scan mid as m (mid_id#0)
            aggregate by mid_id#9
              · "count(*)"#6 = count(*)
              · "count(b.n)"#7 = count(n#10)
              · "max(b.day)"#8 = max(day#11)
              scan big as b (mid_id#9, n#10, day#11)
                · filter n#10 > 1
      "
    `);
  });
  test("not averages, not arguments of both sides, not NULLs that a padded row would not bring", () => {
    const from = "FROM big b JOIN mid m ON b.mid_id = m.mid_id GROUP BY m.name";
    untouched(`SELECT m.name, avg(b.n) ${from}`, ...rules);
    untouched(`SELECT m.name, sum(b.n + m.n) ${from}`, ...rules);
    untouched(`SELECT m.name, sum(b.n) ${from}, b.id`, ...rules);
    untouched(
      "SELECT m.mid_id, sum(coalesce(b.n, 1)) FROM mid m LEFT JOIN big b ON b.mid_id = m.mid_id GROUP BY m.mid_id",
      ...rules,
    );
  });
  test("not where the join drops most rows", () => {
    untouched(
      "SELECT m.name, sum(b.n) FROM big b JOIN mid m ON b.mid_id = m.mid_id WHERE m.mid_id < 100 GROUP BY m.name",
      ...rules,
    );
  });
});

describe("share-subplans", () => {
  const twice = (first: string, second: string): string =>
    `SELECT a.id, b.day FROM (SELECT * FROM big WHERE ${first}) a JOIN (SELECT * FROM big WHERE ${second}) b ON a.mid_id = b.small_id`;
  test("a selective scan that occurs twice is done once, with the columns of both", () => {
    expect(
      after(
        twice("n = 3 AND small_id = 4", "small_id = 4 AND n = 3"),
        pushFilters,
        pruneColumns,
        mergeProjections,
        shareSubplans,
      ),
    ).toMatchInlineSnapshot(`
      "
      with shared#0
        scan big (id#2, mid_id#3, small_id#1, n#0, day#4)
          · filter n#0 = 3
          · filter small_id#1 = 4
        project id#5, day#6
          join inner on mid_id#7 = small_id#8
            cteScan shared#0 (id#5 = #2, mid_id#7 = #3, small_id#9 = #1, n#10 = #0)
            cteScan shared#0 (small_id#8 = #1, n#11 = #0, day#6 = #4)
      "
    `);
  });
  test("not scans that differ, nor such as leave much", () => {
    untouched(twice("n = 3 AND small_id = 4", "n = 3 AND small_id = 5"), pushFilters, mergeProjections, shareSubplans);
    untouched(twice("n > 3", "n > 3"), pushFilters, mergeProjections, shareSubplans);
  });
});

describe("the rule list", () => {
  test("names are unique per rule and follow the files", () => {
    for (const rule of ruleList) expect(rule.name).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });
});
