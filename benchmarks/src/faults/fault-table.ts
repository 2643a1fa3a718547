import { type Column, formatMs, layOut, titles } from "../report/lay-out.ts";
import { median } from "../statistics.ts";
import { faultKinds } from "./fault.ts";
import type { FaultyRun } from "./run-with-faults.ts";

const columns: readonly Column[] = [
  { title: "fault", width: 6 },
  { title: "runs", width: 6 },
  { title: "right", width: 7 },
  { title: "failed", width: 8 },
  { title: "wrong", width: 7 },
  { title: "hung", width: 6 },
  { title: "median delay ms", width: 17 },
];

/** What became of the runs, by fault; the delay is how much longer than usual a query took that was answered. */
export const faultTable = (runs: readonly FaultyRun[]): string => {
  const line = (title: string, of: readonly FaultyRun[]): string => {
    const count = (kind: FaultyRun["outcome"]["kind"]): string =>
      String(of.filter(({ outcome }) => outcome.kind === kind).length);
    const delays = of
      .filter(({ outcome }) => outcome.kind === "right")
      .map(({ elapsedMs, usualMs }) => elapsedMs - usualMs);
    const delay = delays.length === 0 ? "-" : formatMs(median(delays));
    const counts = (["right", "failed", "wrong", "hung"] as const).map(count);
    return layOut(columns, [title, String(of.length), ...counts, delay]);
  };
  const kinds = faultKinds.filter((kind) => runs.some(({ fault }) => fault.kind === kind));
  return [
    titles(columns),
    ...kinds.map((kind) =>
      line(
        kind,
        runs.filter(({ fault }) => fault.kind === kind),
      ),
    ),
    line("all", runs),
  ].join("\n");
};
