import type { Column, PhysicalPlan } from "@headcut/plan";
import { aggregate, compareKeys, evaluate, groupKey, type Row } from "./evaluate.ts";
import type { Data } from "./run-logical.ts";

type Ctes = ReadonlyMap<number, readonly Row[]>;

const only = (row: Row, columns: readonly Column[]): Row =>
  new Map(
    columns.map(({ id, name, nullable }) => {
      const value = row.get(id);
      if (value === undefined) throw new Error(`no column ${name}#${id}`);
      if (value === null && !nullable) throw new Error(`output ${name}#${id} is NULL, and says it cannot be`);
      return [id, value];
    }),
  );

/** Runs a physical plan by the definitions in the plan package, without any cleverness; only `columns` come out. */
export const runPhysical = (plan: PhysicalPlan, data: Data, ctes: Ctes = new Map()): readonly Row[] =>
  runOperator(plan, data, ctes).map((row) => only(row, plan.columns));

const runOperator = (plan: PhysicalPlan, data: Data, ctes: Ctes): readonly Row[] => {
  const run = (input: PhysicalPlan): readonly Row[] => runPhysical(input, data, ctes);
  switch (plan.kind) {
    case "scan": {
      const rows = data[plan.table.name]!.map(
        (values) => new Map(plan.read.map(({ id, index }) => [id, values[index]!])),
      );
      return rows.filter((row) => plan.filters.every((filter) => evaluate(filter, row) === true));
    }
    case "values":
      return plan.rows.map((row) => new Map(plan.columns.map(({ id }, i) => [id, evaluate(row[i]!, new Map())])));
    case "series": {
      const { id } = plan.columns[0]!;
      return Array.from({ length: plan.count }, (_, i) => new Map([[id, plan.start + BigInt(i) * plan.step]]));
    }
    case "filter":
      return run(plan.input).filter((row) => evaluate(plan.predicate, row) === true);
    case "project":
      return run(plan.input).map(
        (row) => new Map(plan.projections.map(({ id, expression }) => [id, evaluate(expression, row)])),
      );
    case "hashJoin":
      return runHashJoin(plan, run(plan.build), run(plan.probe));
    case "aggregate": {
      const groups = new Map<string, Row[]>();
      if (plan.groups.length === 0) groups.set("", []);
      for (const row of run(plan.input)) {
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
    case "sort":
      return [...run(plan.input)].sort(compareKeys(plan.keys));
    case "topN":
      return [...run(plan.input)].sort(compareKeys(plan.keys)).slice(plan.offset, plan.offset + plan.limit);
    case "limit":
      return run(plan.input).slice(plan.offset, plan.limit === undefined ? undefined : plan.offset + plan.limit);
    case "unionAll":
      return plan.inputs.flatMap((input, k) =>
        run(input).map((row) => new Map(plan.columns.map(({ id }, i) => [id, row.get(plan.inputColumns[k]![i]!)!]))),
      );
    case "with":
      return runPhysical(plan.body, data, new Map([...ctes, [plan.cteId, run(plan.definition)]]));
    case "cteScan":
      return ctes
        .get(plan.cteId)!
        .map((row) => new Map(plan.columns.map(({ id }, i) => [id, row.get(plan.sources[i]!)!])));
    case "repeat":
      return run(plan.input).flatMap((row) => Array<Row>(Math.max(0, Number(evaluate(plan.count, row)))).fill(row));
  }
};

const runHashJoin = (
  plan: Extract<PhysicalPlan, { kind: "hashJoin" }>,
  builds: readonly Row[],
  probes: readonly Row[],
): readonly Row[] => {
  const nulls = (columns: readonly Column[]): Row => new Map(columns.map(({ id }) => [id, null]));
  const { joinKind, keys } = plan;
  const nullAware = joinKind === "mark" && keys.length === 1 && !keys[0]!.nullSafe && isTrivial(plan.residual);
  const verdict = (build: Row, probe: Row): boolean | null => {
    for (const key of keys) {
      const [a, b] = [evaluate(key.build, build), evaluate(key.probe, probe)];
      if (a === null || b === null) {
        if (key.nullSafe && a === b) continue;
        if (!key.nullSafe && joinKind === "mark" && !nullAware) throw new Error("a nullable key in a mark join");
        return nullAware ? null : false;
      }
      if (groupKey([a]) !== groupKey([b])) return false;
    }
    return evaluate(plan.residual, new Map([...build, ...probe])) as boolean | null;
  };
  const matchedBuilds = new Set<Row>();
  const out: Row[] = [];
  for (const probe of probes) {
    const verdicts = builds.map((build) => verdict(build, probe));
    const matches = builds.filter((_, i) => verdicts[i] === true);
    for (const build of matches) matchedBuilds.add(build);
    const joined = matches.map((build) => new Map([...build, ...probe]));
    const padded = joined.length > 0 ? joined : [new Map([...nulls(plan.build.columns), ...probe])];
    switch (joinKind) {
      case "inner":
      case "buildOuter":
        out.push(...joined);
        break;
      case "single":
        if (matches.length > 1) throw new Error("more than one row");
        out.push(...padded);
        break;
      case "probeOuter":
      case "full":
        out.push(...padded);
        break;
      case "probeSemi":
      case "probeAnti":
        if (matches.length > 0 === (joinKind === "probeSemi")) out.push(probe);
        break;
      case "mark":
        out.push(
          new Map([...probe, [plan.mark!.id, matches.length > 0 ? true : verdicts.includes(null) ? null : false]]),
        );
        break;
      case "buildSemi":
      case "buildAnti":
        break;
    }
  }
  for (const build of builds) {
    const matched = matchedBuilds.has(build);
    if (joinKind === "buildSemi" ? matched : joinKind === "buildAnti" ? !matched : false) out.push(build);
    if ((joinKind === "buildOuter" || joinKind === "full") && !matched)
      out.push(new Map([...nulls(plan.probe.columns), ...build]));
  }
  return out;
};

const isTrivial = (residual: { readonly kind: string; readonly value?: unknown }): boolean =>
  residual.kind === "constant" && residual.value === true;
