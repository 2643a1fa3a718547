import type { EngineName } from "../engines/engine.ts";
import type { BenchmarkResult } from "../results/result.ts";
import { medianMs, summarize } from "../results/summary.ts";

/** A figure that is wanted, and what was measured. */
export interface Goal {
  readonly name: string;
  /** "at most" unless said. */
  readonly wanted: number;
  readonly bound: "at most" | "at least";
  readonly unit: "" | "ms" | "×";
  /** Undefined when it could not be measured. */
  readonly measured: number | undefined;
}

export const isReached = ({ wanted, bound, measured }: Goal): boolean | undefined =>
  measured === undefined ? undefined : bound === "at most" ? measured <= wanted : measured >= wanted;

/** Our geometric mean divided by a peer's. */
export const geomeanRatio = (result: BenchmarkResult, peer: EngineName): number =>
  summarize(result, "headcut").geomeanMs / summarize(result, peer).geomeanMs;

/** The query on which we are slowest beside the peer. */
export const worstRatio = (
  results: readonly BenchmarkResult[],
  peer: EngineName,
): { readonly name: string; readonly ratio: number } | undefined => {
  const ratios = results.flatMap(({ queries, options }) =>
    queries.flatMap((query) => {
      const [ours, theirs] = [medianMs(query, "headcut"), medianMs(query, peer)];
      if (ours === undefined || theirs === undefined) return [];
      return [{ name: `${query.name} of ${options.set}, ${options.writer}`, ratio: ours / theirs }];
    }),
  );
  return ratios.sort((a, b) => b.ratio - a.ratio)[0];
};
