import type { PlaceCosts } from "./place-costs.ts";

/** What is going on where the query could run. */
export interface Load {
  /** Threads of this node. */
  readonly threads: number;
  /** Other queries at work on this node, and on the busiest of the others. */
  readonly here: number;
  readonly elsewhere: number;
}

/** Milliseconds. What exchanges add to a query, measured between processes of one machine (decision 0027). */
const STAGE_MS = 4;
const FRAGMENT_MS = 1;
const BYTES_PER_MS = 25_000;
/** A query that would take so much longer alone takes that: it costs less in all. */
const TIE = 1.1;

/** What the stages of a spread query cost beside their work. */
export const exchangeMs = ({ depth, fragments, bytes }: Pick<PlaceCosts, "depth" | "fragments" | "bytes">): number =>
  depth * STAGE_MS + fragments * FRAGMENT_MS + bytes / BYTES_PER_MS;

/** The least that spreading adds: one stage below the root. */
export const LEAST_EXCHANGE_MS = exchangeMs({ depth: 2, fragments: 2, bytes: 0 });

/**
 * Whether a node that has all of a query's shards is expected to be done as early by itself as together with the others. `factor`: what the plan really takes
 * of the work that the model expects of it.
 */
export const suitsAlone = (costs: PlaceCosts, factor: number, { threads, here, elsewhere }: Load): boolean => {
  const crowd = 1 + Math.max(here, elsewhere);
  const alone = ((costs.aloneMs * factor) / threads) * (1 + here);
  // Where nobody is idle, messages wait for their turn as well.
  const spread = ((costs.busiestMs * factor) / threads) * crowd + exchangeMs(costs) * (1 + Math.min(here, elsewhere));
  return alone <= spread * TIE;
};
