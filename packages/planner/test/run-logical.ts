import { type Column, type LogicalPlan, outputColumns, type Value } from "@headcut/plan";
import { aggregate, compareKeys, evaluate, groupKey, type Row } from "./evaluate.ts";

/** Table contents for the test interpreters: rows of values in column order, by table name. */
export type Data = Readonly<Record<string, readonly (readonly Value[])[]>>;

type Ctes = ReadonlyMap<number, readonly Row[]>;

/** Runs a logical plan by its definition: a dependent join's right side once for each left row. */
export const runLogical = (
  plan: LogicalPlan,
  data: Data,
  outer: Row = new Map(),
  ctes: Ctes = new Map(),
): readonly Row[] => {
  const run = (input: LogicalPlan): readonly Row[] => runLogical(input, data, outer, ctes);
  const on = (row: Row): Row => (outer.size === 0 ? row : new Map([...outer, ...row]));
  switch (plan.kind) {
    case "scan": {
      const rows = data[plan.table.name]!.map(
        (values) => new Map(plan.columns.map(({ id, index }) => [id, values[index]!])),
      );
      return rows.filter((row) => plan.filters.every((filter) => evaluate(filter, on(row)) === true));
    }
    case "values":
      return plan.rows.map((row) => new Map(plan.columns.map(({ id }, i) => [id, evaluate(row[i]!, outer)])));
    case "series": {
      const [{ id }] = plan.columns;
      return Array.from({ length: plan.count }, (_, i) => new Map([[id, plan.start + BigInt(i) * plan.step]]));
    }
    case "filter":
      return run(plan.input).filter((row) => evaluate(plan.predicate, on(row)) === true);
    case "project":
      return run(plan.input).map(
        (row) => new Map(plan.projections.map(({ id, expression }) => [id, evaluate(expression, on(row))])),
      );
    case "aggregate": {
      const groups = new Map<string, Row[]>();
      if (plan.groups.length === 0) groups.set("", []);
      for (const row of run(plan.input).map(on)) {
        const key = groupKey(plan.groups.map(({ expression }) => evaluate(expression, row)));
        const known = groups.get(key);
        if (known === undefined) groups.set(key, [row]);
        else known.push(row);
      }
      return [...groups.values()].map(
        (rows) =>
          new Map([
            ...plan.groups.map(({ id, expression }) => [id, evaluate(expression, rows[0]!)] as const),
            ...plan.aggregates.map(({ id, call }) => [id, aggregate(call, rows)] as const),
          ]),
      );
    }
    case "sort": {
      const compare = compareKeys(plan.keys);
      return [...run(plan.input)].sort((a, b) => compare(on(a), on(b)));
    }
    case "limit":
      return run(plan.input).slice(plan.offset, plan.limit === undefined ? undefined : plan.offset + plan.limit);
    case "setOperation":
      return runSetOperation(plan, run(plan.left), run(plan.right));
    case "with": {
      const rows = run(plan.definition);
      return runLogical(plan.body, data, outer, new Map([...ctes, [plan.cteId, rows]]));
    }
    case "cteScan":
      return ctes.get(plan.cteId)!.map((row) => new Map(plan.columns.map(({ id, source }) => [id, row.get(source)!])));
    case "repeat":
      return run(plan.input).flatMap((row) => Array<Row>(Math.max(0, Number(evaluate(plan.count, on(row))))).fill(row));
    case "join":
      return runJoin(
        plan,
        run(plan.left),
        (left) => (plan.dependent ? runLogical(plan.right, data, new Map([...outer, ...left]), ctes) : run(plan.right)),
        on,
      );
  }
};

const only = (row: Row, columns: readonly Column[]): Row => new Map(columns.map(({ id }) => [id, row.get(id)!]));

const runJoin = (
  plan: Extract<LogicalPlan, { kind: "join" }>,
  lefts: readonly Row[],
  rightsOf: (left: Row) => readonly Row[],
  on: (row: Row) => Row,
): readonly Row[] => {
  const nulls = (columns: readonly Column[]): Row => new Map(columns.map(({ id }) => [id, null]));
  const leftColumns = outputColumns(plan.left);
  const rightColumns = outputColumns(plan.right);
  const matchedRights = new Set<Row>();
  const out: Row[] = [];
  const fixedRights = plan.dependent ? undefined : rightsOf(new Map());
  for (const left of lefts) {
    const rights = fixedRights ?? rightsOf(left);
    const results = rights.map((right) => evaluate(plan.condition, on(new Map([...left, ...right]))));
    const matches = rights.filter((_, i) => results[i] === true);
    for (const right of matches) matchedRights.add(right);
    const joined = matches.map((right) => new Map([...left, ...right]));
    switch (plan.joinKind) {
      case "inner":
      case "right":
        out.push(...joined);
        break;
      case "single":
        if (matches.length > 1) throw new Error("more than one row");
        out.push(...(joined.length > 0 ? joined : [new Map([...left, ...nulls(rightColumns)])]));
        break;
      case "left":
      case "full":
        out.push(...(joined.length > 0 ? joined : [new Map([...left, ...nulls(rightColumns)])]));
        break;
      case "semi":
      case "anti":
        if (matches.length > 0 === (plan.joinKind === "semi")) out.push(left);
        break;
      case "mark": {
        const mark = matches.length > 0 ? true : results.includes(null) ? null : false;
        out.push(new Map([...left, [plan.mark!.id, mark]]));
        break;
      }
    }
  }
  if (plan.joinKind === "right" || plan.joinKind === "full") {
    for (const right of fixedRights!) {
      if (!matchedRights.has(right)) out.push(new Map([...nulls(leftColumns), ...right]));
    }
  }
  return out;
};

const runSetOperation = (
  plan: Extract<LogicalPlan, { kind: "setOperation" }>,
  left: readonly Row[],
  right: readonly Row[],
): readonly Row[] => {
  const values = (rows: readonly Row[], input: LogicalPlan): Value[][] => {
    const columns = outputColumns(input);
    return rows.map((row) => [...only(row, columns).values()]);
  };
  const lefts = values(left, plan.left);
  const rights = values(right, plan.right);
  const counts = new Map<string, number>();
  for (const row of rights) counts.set(groupKey(row), (counts.get(groupKey(row)) ?? 0) + 1);
  const seen = new Set<string>();
  const first = (row: Value[]): boolean => !seen.has(groupKey(row)) && seen.add(groupKey(row)) !== undefined;
  const take = (row: Value[]): boolean => {
    const count = counts.get(groupKey(row)) ?? 0;
    if (count > 0) counts.set(groupKey(row), count - 1);
    return count > 0;
  };
  const rows = ((): Value[][] => {
    if (plan.op === "union") return plan.all ? [...lefts, ...rights] : [...lefts, ...rights].filter(first);
    const wanted = plan.op === "intersect";
    if (plan.all) return lefts.filter((row) => take(row) === wanted);
    return lefts.filter((row) => counts.has(groupKey(row)) === wanted).filter(first);
  })();
  return rows.map((row) => new Map(plan.columns.map(({ id }, i) => [id, row[i]!])));
};

/** Rows as comparable text, in output order of columns; sorted unless `ordered`. */
export const asText = (
  plan: { readonly columns: readonly Column[] },
  rows: readonly Row[],
  ordered = false,
): readonly string[] => {
  const text = rows.map((row) => groupKey(plan.columns.map(({ id }) => row.get(id)!)));
  return ordered ? text : text.sort();
};
