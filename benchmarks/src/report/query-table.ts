import type { EngineName } from "../engines/engine.ts";
import type { BenchmarkResult, QueryTimings } from "../results/result.ts";
import { medianMs, summarize } from "../results/summary.ts";
import { type Column, formatMiB, formatMs, formatRatio, layOut, titles } from "./lay-out.ts";

/** The table of a run: a line for each query as it is done, then the summary. Ratios are headcut's time by the peer's. */
export interface QueryTable {
  readonly head: string;
  readonly line: (query: QueryTimings) => string;
  readonly summary: (result: BenchmarkResult) => string;
}

const remark = ({ checked, problem }: QueryTimings): string => {
  if (problem !== undefined) return `  ${problem.split("\n")[0]}`;
  return checked ? "" : "  answer unchecked";
};

export const queryTable = (engines: readonly EngineName[], nameWidth: number): QueryTable => {
  const peers = engines.filter((engine) => engine !== "headcut");
  const columns: Column[] = [
    { title: "query", width: Math.max(nameWidth, "geomean".length) },
    { title: "rows", width: 8 },
    { title: "headcut ms", width: 10 },
    ...peers.flatMap((peer) => [
      { title: `${peer} ms`, width: Math.max(9, peer.length + 3) },
      { title: "ratio", width: 5 },
    ]),
    { title: "read MiB", width: 8 },
  ];
  const cells = (ours: number | undefined, theirs: (peer: EngineName) => number | undefined): string[] => [
    formatMs(ours),
    ...peers.flatMap((peer) => {
      const ms = theirs(peer);
      return [formatMs(ms), formatRatio(ours === undefined || ms === undefined ? undefined : ours / ms)];
    }),
  ];
  return {
    head: titles(columns),
    line: (query) =>
      layOut(columns, [
        query.name,
        String(query.rowCount),
        ...cells(medianMs(query, "headcut"), (peer) => medianMs(query, peer)),
        formatMiB(query.bytesRead),
      ]) + remark(query),
    summary: (result) => {
      const summaries = new Map(engines.map((engine) => [engine, summarize(result, engine)]));
      const row = (title: string, of: "geomeanMs" | "totalMs"): string =>
        layOut(columns, [title, "", ...cells(summaries.get("headcut")?.[of], (peer) => summaries.get(peer)?.[of])]);
      return [row("geomean", "geomeanMs"), row("total", "totalMs")].join("\n");
    },
  };
};
