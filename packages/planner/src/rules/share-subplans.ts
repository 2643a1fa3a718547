import {
  and,
  type ColumnId,
  type DataType,
  type Expression,
  type LogicalCteScan,
  type LogicalPlan,
  type LogicalScan,
} from "@headcut/plan";
import type { Estimator } from "../statistics/estimator.ts";
import { expressionCost } from "../statistics/expression-cost.ts";
import { columnsOf, inputs, mapInputs } from "../traverse/plan.ts";
import { type IdSource, renumber } from "../traverse/renumber.ts";
import { canonicalFilters, canonicalText, scansOf, type TableNumbers } from "./canonical-text.ts";
import type { Rule } from "./rule.ts";

/** Tables smaller than this are read again sooner than kept. */
const WORTHWHILE_ROWS = 10_000;
/** Only what leaves at most this share of the rows it reads is kept: the rest is better streamed again. */
const WORTHWHILE_SHARE = 0.1;

/** A subplan that computes what another one does, or, if there are filters, some of its rows. */
interface Twin {
  readonly plan: LogicalPlan;
  readonly filters: readonly Expression[];
}

/** The first one is computed, all of them read it. */
type Twins = readonly [Twin, ...Twin[]];

/**
 * Computes a part of the plan once that occurs several times, alike but for the columns it puts out: filtered scans and
 * joins that make little of much. (Queries repeat themselves in subqueries; the reduction of aggregations copies scans.)
 * A scan may also have more filters than the one it is taken from, where filters cost more than keeping what they leave.
 */
export const shareSubplans: Rule = {
  name: "share-subplans",
  apply: (plan, { ids, estimator }) => {
    let current = plan;
    for (;;) {
      estimator.see(current);
      const twins = findTwins(current, estimator);
      if (twins === undefined) return current;
      current = share(current, twins, ids);
    }
  },
};

/** The largest subplans that say the same, if any do; otherwise scans of which one has all rows of the others. */
const findTwins = (plan: LogicalPlan, estimator: Estimator): Twins | undefined => {
  const byShape = new Map<string, LogicalPlan[]>();
  /** Files the node under its shape; undefined if it cannot be shared. */
  const visit = (node: LogicalPlan): string | undefined => {
    const below = inputs(node).map(visit);
    if (!isShareable(node) || below.includes(undefined)) return undefined;
    const shape = `${node.kind === "scan" ? node.table.name : node.kind}(${below.join(",")})`;
    const known = byShape.get(shape);
    if (known === undefined) byShape.set(shape, [node]);
    else known.push(node);
    return shape;
  };
  visit(plan);
  const tables: TableNumbers = new Map();
  // A shape is first met after all that are part of it.
  const groups = [...byShape.values()].filter((group) => group.length > 1).reverse();
  for (const group of groups) {
    const byText = new Map<string, [Twin, ...Twin[]]>();
    for (const node of group) {
      if (!isWorthSharing(node, estimator)) continue;
      const text = canonicalText(node, tables);
      const known = byText.get(text);
      if (known === undefined) byText.set(text, [{ plan: node, filters: [] }]);
      else known.push({ plan: node, filters: [] });
    }
    const twins = [...byText.values()].find((nodes) => nodes.length > 1);
    if (twins !== undefined) return twins;
  }
  for (const group of groups) {
    const scans = group.filter((node) => node.kind === "scan");
    const twins = scans.map((scan) => scansWithin(scan, scans, estimator)).find((found) => found.length > 1);
    if (twins !== undefined) return twins;
  }
  return undefined;
};

type Shareable = Extract<LogicalPlan, { kind: "scan" | "filter" | "join" }>;

/** Operators whose result depends on tables and their own expressions alone. */
const isShareable = (plan: LogicalPlan): plan is Shareable =>
  plan.kind === "scan" || plan.kind === "filter" || (plan.kind === "join" && plan.mark === undefined);

/** Whether a plan, if it is needed twice, is better kept than computed again. */
export const isWorthSharing = (plan: LogicalPlan, estimator: Estimator): boolean => {
  const read = scansOf(plan).reduce((sum, scan) => sum + scan.table.rowCount, 0);
  return read >= WORTHWHILE_ROWS && estimator.rows(plan) <= read * WORTHWHILE_SHARE;
};

/** The scan and, if its rows are worth keeping, those of the same table that want few rows less. */
const scansWithin = (base: LogicalScan, scans: readonly LogicalScan[], estimator: Estimator): Twins => {
  const twins: [Twin, ...Twin[]] = [{ plan: base, filters: [] }];
  if (!isWorthKeeping(base, estimator)) return twins;
  const own = canonicalFilters(base);
  for (const scan of scans) {
    if (scan === base || scan.table !== base.table) continue;
    if (estimator.rows(scan) < estimator.rows(base) * LEAST_COMMON_SHARE) continue;
    const filters = canonicalFilters(scan);
    if (![...own.keys()].every((text) => filters.has(text))) continue;
    twins.push({ plan: scan, filters: [...filters].flatMap(([text, filter]) => (own.has(text) ? [] : [filter])) });
  }
  return twins;
};

/** A scan that wants less of another's rows may find them by statistics, and is better left alone. */
const LEAST_COMMON_SHARE = 0.25;
/** More rows than this are not kept, whatever it costs to read them again. */
const MOST_KEPT_ROWS = 2_000_000;

/** Costs in units of comparing two numbers: decoding a value; keeping a row; keeping a value of it, and a text. */
const DECODE_COST = 0.5;
const KEEP_ROW_COST = 4;
const KEEP_VALUE_COST = 1;
const KEEP_TEXT_COST = 4;

/** Whether keeping the rows that pass a scan's filters costs less than half of what it costs to find them again. */
const isWorthKeeping = (scan: LogicalScan, estimator: Estimator): boolean => {
  const { rowCount } = scan.table;
  const rows = estimator.rows(scan);
  if (rowCount < WORTHWHILE_ROWS || rows > MOST_KEPT_ROWS) return false;
  const find = sum(scan.filters, expressionCost) + DECODE_COST * scan.columns.length;
  const keep = KEEP_ROW_COST + sum(scan.columns, ({ type }) => (isText(type) ? KEEP_TEXT_COST : KEEP_VALUE_COST));
  return rows * keep < 0.5 * rowCount * find;
};

const isText = ({ kind }: DataType): boolean => kind === "varchar" || kind === "blob";

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

/** The plan with the twins replaced by scans of one CTE, which puts out the columns that any of them does. */
const share = (plan: LogicalPlan, twins: Twins, ids: IdSource): LogicalPlan => {
  const [first, ...others] = twins;
  const scans = [...scansOf(first.plan)];
  /** Per column of the other twins, the first one's. */
  const same = new Map<ColumnId, ColumnId>();
  for (const twin of others) {
    for (const [place, scan] of scansOf(twin.plan).entries()) {
      for (const column of scan.columns) {
        const target = scans[place]!;
        const known = target.columns.find(({ index }) => index === column.index);
        if (known === undefined) scans[place] = { ...target, columns: [...target.columns, column] };
        else same.set(column.id, known.id);
      }
    }
  }
  const definition = renumber(withScans(first.plan, scans), ids);
  const cteId = ids.next();
  const reader = ({ plan: twin, filters }: Twin): LogicalPlan => {
    const read: LogicalCteScan = {
      kind: "cteScan",
      cteId,
      name: "shared",
      columns: columnsOf(twin).map(({ id, name, type, nullable }) => ({
        id,
        name,
        type,
        nullable,
        source: definition.ids.get(same.get(id) ?? id)!,
      })),
    };
    return filters.length === 0 ? read : { kind: "filter", input: read, predicate: and(...filters) };
  };
  const readers = new Map(twins.map((twin) => [twin.plan, reader(twin)]));
  const replace = (node: LogicalPlan): LogicalPlan => readers.get(node) ?? mapInputs(node, replace);
  return { kind: "with", cteId, name: "shared", definition: definition.plan, body: replace(plan) };
};

/** The plan with its scans, from left to right, replaced. */
const withScans = (plan: LogicalPlan, scans: readonly LogicalScan[]): LogicalPlan => {
  let next = 0;
  const replace = (node: LogicalPlan): LogicalPlan =>
    node.kind === "scan" ? scans[next++]! : mapInputs(node, replace);
  return replace(plan);
};
