import type { PhysicalPlan, PhysicalScan } from "@headcut/plan";

/** What one of the tasks that run a plan side by side reads of a scan: so many rows, this part of all there are (1: each task reads all). */
export interface TaskRead {
  readonly rows: number;
  readonly share: number;
}

/**
 * Nanoseconds of one thread for a row, measured on TPC-H with its columns cached (decision 0027). Guesses: what is right for a plan is learnt when it has run.
 */
const NANOS = {
  /** Of the table, before filters, which skip most pages and values. */
  scanned: 2,
  filter: 0.3,
  build: 40,
  probe: 2,
  grouped: 2,
  aggregate: 1,
  group: 15,
  sorted: 50,
} as const;

/**
 * What a task has to do, in milliseconds of one thread, by the planner's estimates of rows. What every task does by itself, as it builds a table of
 * rows that all tasks get, is not divided by their number.
 */
export const taskWork = (plan: PhysicalPlan, read: (scan: PhysicalScan) => TaskRead): number =>
  workOf(plan, read, new Map()).nanos / 1e6;

interface Work {
  readonly nanos: number;
  /** The part of the operator's rows that one task makes. */
  readonly share: number;
}

const workOf = (plan: PhysicalPlan, read: (scan: PhysicalScan) => TaskRead, ctes: Map<number, Work>): Work => {
  const visit = (input: PhysicalPlan): Work => workOf(input, read, ctes);
  switch (plan.kind) {
    case "scan": {
      const { rows, share } = read(plan);
      return { nanos: rows * share * (NANOS.scanned + NANOS.filter * plan.filters.length), share };
    }
    case "values":
      return { nanos: 0, share: 1 };
    case "series":
      return { nanos: plan.count, share: 1 };
    case "cteScan":
      return { nanos: 0, share: ctes.get(plan.cteId)?.share ?? 1 };
    case "filter": {
      const input = visit(plan.input);
      return more(input, plan.input.estimatedRows * NANOS.filter);
    }
    case "project":
    case "limit":
    case "repeat":
      return visit(plan.input);
    case "hashJoin": {
      const [build, probe] = [visit(plan.build), visit(plan.probe)];
      const own =
        plan.build.estimatedRows * build.share * NANOS.build + plan.probe.estimatedRows * probe.share * NANOS.probe;
      return { nanos: build.nanos + probe.nanos + own, share: Math.min(build.share, probe.share) };
    }
    case "aggregate": {
      const row = NANOS.grouped + NANOS.aggregate * plan.aggregates.length;
      return more(visit(plan.input), plan.input.estimatedRows * row + plan.estimatedRows * NANOS.group);
    }
    case "sort":
    case "topN":
      return more(visit(plan.input), plan.estimatedRows * NANOS.sorted);
    case "unionAll": {
      const inputs = plan.inputs.map(visit);
      return {
        nanos: inputs.reduce((sum, { nanos }) => sum + nanos, 0),
        share: Math.min(1, ...inputs.map(({ share }) => share)),
      };
    }
    case "with": {
      const definition = visit(plan.definition);
      ctes.set(plan.cteId, definition);
      const body = visit(plan.body);
      return { nanos: definition.nanos + body.nanos, share: body.share };
    }
  }
};

/** `nanos`: for all rows. */
const more = (input: Work, nanos: number): Work => ({ nanos: input.nanos + nanos * input.share, share: input.share });
