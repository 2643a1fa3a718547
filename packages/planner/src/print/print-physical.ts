import { type PhysicalPlan, physicalInputs } from "@headcut/plan";
import { type Description, type PrintedNode, renderTree } from "./node.ts";
import { type Numbering, numbering } from "./numbering.ts";
import { printColumn, printExpression, printSortKey } from "./print-expression.ts";
import { printAggregate, printLimit, printProjection } from "./print-logical.ts";
import { printSeries } from "./print-series.ts";

/** A physical plan as an indented tree, root first; `~n` is the estimated number of rows. */
export const printPhysicalPlan = (plan: PhysicalPlan): string => printAnnotatedPlan(plan, () => []);

type Annotate = (plan: PhysicalPlan) => readonly string[];

const physicalNode = (plan: PhysicalPlan, numbers: Numbering, annotate: Annotate): PrintedNode => {
  const { operator, detail, lines } = describePhysical(plan, numbers);
  return {
    operator,
    detail: `${detail}${detail === "" ? "" : " "}~${Math.round(plan.estimatedRows)}`,
    lines: [...lines, ...annotate(plan)],
    inputs: physicalInputs(plan).map((input) => physicalNode(input, numbers, annotate)),
  };
};

/** The physical tree with an added line per operator, as EXPLAIN ANALYZE shows it. */
export const printAnnotatedPlan = (plan: PhysicalPlan, annotate: Annotate): string =>
  renderTree(physicalNode(plan, numbering(), annotate));

/** What an operator says of itself, without its estimate. */
export const describePhysical = (plan: PhysicalPlan, numbers: Numbering): Description => {
  const operator = plan.kind;
  const column = (item: { readonly id: number; readonly name: string }): string => printColumn(item, numbers);
  const list = (items: readonly { readonly id: number; readonly name: string }[]): string =>
    items.map(column).join(", ");
  switch (plan.kind) {
    case "scan": {
      const alias = plan.alias === plan.table.name ? "" : ` as ${plan.alias}`;
      const shown = list(plan.columns);
      const out = new Set(plan.columns.map((item) => item.id));
      const onlyFiltered = plan.read.filter((item) => !out.has(item.id));
      const hidden = onlyFiltered.length === 0 ? "" : ` reading (${list(onlyFiltered)})`;
      const filters = plan.filters.map((filter) => `filter ${printExpression(filter, numbers)}`);
      const files = plan.files === undefined ? [] : [`files ${plan.files.kept} of ${plan.files.all}`];
      return { operator, detail: `${plan.table.name}${alias} (${shown})${hidden}`, lines: [...files, ...filters] };
    }
    case "values": {
      const rows = plan.rows.map((row) => `(${row.map((item) => printExpression(item, numbers)).join(", ")})`);
      return { operator, detail: `(${list(plan.columns)})`, lines: rows };
    }
    case "series":
      return { operator, detail: `(${list(plan.columns)}) ${printSeries(plan)}`, lines: [] };
    case "filter":
      return { operator, detail: printExpression(plan.predicate, numbers), lines: [] };
    case "project":
      return { operator, detail: plan.projections.map((item) => printProjection(item, numbers)).join(", "), lines: [] };
    case "hashJoin": {
      const keys = plan.keys.map((key) => {
        const sign = key.nullSafe ? "IS NOT DISTINCT FROM" : "=";
        return `${printExpression(key.probe, numbers)} ${sign} ${printExpression(key.build, numbers)}`;
      });
      const mark = plan.mark === undefined ? "" : ` ${column(plan.mark)}`;
      const on = keys.length === 0 ? "" : ` on ${keys.join(" AND ")}`;
      const trivial = plan.residual.kind === "constant" && plan.residual.value === true;
      const residual = trivial ? [] : [`residual ${printExpression(plan.residual, numbers)}`];
      return { operator, detail: `${plan.joinKind}${mark}${on} -> (${list(plan.columns)})`, lines: residual };
    }
    case "aggregate": {
      const groups = plan.groups.map((group) => printProjection(group, numbers)).join(", ");
      const aggregates = plan.aggregates.map((aggregate) => printAggregate(aggregate, numbers));
      return { operator, detail: groups === "" ? "" : `by ${groups}`, lines: aggregates };
    }
    case "sort":
      return {
        operator: plan.inRuns === true ? "merge" : operator,
        detail: `${plan.inRuns === true ? "by " : ""}${plan.keys.map((key) => printSortKey(key, numbers)).join(", ")}`,
        lines: [],
      };
    case "topN":
      return {
        operator: plan.inRuns === true ? "merge" : operator,
        detail: `${printLimit(plan)} by ${plan.keys.map((key) => printSortKey(key, numbers)).join(", ")}`,
        lines: [],
      };
    case "limit":
      return { operator, detail: printLimit(plan), lines: [] };
    case "unionAll": {
      const sources = plan.inputColumns.map((ids) => `from (${ids.map((id) => `#${numbers.column(id)}`).join(", ")})`);
      return { operator, detail: `(${list(plan.columns)})`, lines: sources };
    }
    case "with":
      return { operator, detail: `${plan.name}#${numbers.cte(plan.cteId)}`, lines: [] };
    case "cteScan": {
      const pairs = plan.columns.map((item, i) => `${column(item)} = #${numbers.column(plan.sources[i]!)}`);
      return { operator, detail: `${plan.name}#${numbers.cte(plan.cteId)} (${pairs.join(", ")})`, lines: [] };
    }
    case "repeat":
      return { operator, detail: printExpression(plan.count, numbers), lines: [] };
  }
};
