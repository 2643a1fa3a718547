import { type Column, formatMs, layOut, titles } from "../report/lay-out.ts";
import { quantile } from "../statistics.ts";
import type { CancelledRun } from "./measure-cancel.ts";

const columns: readonly Column[] = [
  { title: "ms until", width: 22 },
  { title: "median", width: 7 },
  { title: "p95", width: 7 },
  { title: "max", width: 7 },
];

export const slowestNode = ({ nodesMs }: CancelledRun): number => Math.max(...nodesMs);

export const cancelTable = (runs: readonly CancelledRun[]): string => {
  const line = (title: string, values: readonly number[]): string =>
    layOut(columns, [title, ...[0.5, 0.95, 1].map((part) => formatMs(quantile(values, part)))]);
  return [
    titles(columns),
    line(
      "the caller was told",
      runs.map(({ toldMs }) => toldMs),
    ),
    line("all nodes had stopped", runs.map(slowestNode)),
  ].join("\n");
};

export const cancelLine = ({ query, afterMs, toldMs, nodesMs }: CancelledRun): string =>
  `${query} after ${formatMs(afterMs)} ms: told ${formatMs(toldMs)}, nodes ${nodesMs.map(formatMs).join(", ")}`;
