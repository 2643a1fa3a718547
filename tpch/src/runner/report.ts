import type { QueryResult, RunReport } from "./run.ts";

function formatMs(ms: number | undefined): string {
  return ms === undefined ? "-" : ms.toFixed(1);
}

function verdict({ correct, problem, medianMs }: QueryResult): string {
  if (correct === null) return "unchecked";
  if (correct) return "right";
  return `${medianMs === undefined ? "failed" : "wrong"}: ${problem?.split("\n")[0]}`;
}

/** Lays rows out in columns, the last one flush left and the others flush right. */
function layOut(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const lines = rows.map((row) =>
    row.map((cell, i) => (i === row.length - 1 ? cell : cell.padStart(widths[i]!))).join("  "),
  );
  return `${lines.join("\n")}\n`;
}

/** The report as a table for the terminal. */
export function formatReport(report: RunReport): string {
  const withPeer = report.queries.some(({ duckdbMs }) => duckdbMs !== undefined);
  const peerCells = (ours: number | undefined, theirs: number | undefined): string[] => {
    if (!withPeer) return [];
    return [formatMs(theirs), ours === undefined || theirs === undefined ? "-" : (ours / theirs).toFixed(2)];
  };
  const duckdbTotal = report.queries
    .filter(({ medianMs }) => medianMs !== undefined)
    .reduce((sum, { duckdbMs }) => sum + (duckdbMs ?? 0), 0);
  const lines = [
    ["query", "rows", "median ms", ...(withPeer ? ["DuckDB ms", "ratio"] : []), "answer"],
    ...report.queries.map((result) => [
      `Q${result.query}`,
      String(result.rows),
      formatMs(result.medianMs),
      ...peerCells(result.medianMs, result.duckdbMs),
      verdict(result),
    ]),
    ["geomean", "", formatMs(report.geomeanMs), ...peerCells(report.geomeanMs, report.duckdbGeomeanMs), ""],
    ["total", "", formatMs(report.totalMs), ...peerCells(report.totalMs, withPeer ? duckdbTotal : undefined), ""],
  ];
  const checked = report.queries.filter(({ correct }) => correct !== null);
  const right = checked.filter(({ correct }) => correct).length;
  const nodes = report.nodes === 1 ? "" : `, ${report.nodes} nodes`;
  const threads = report.threads === 1 ? "1 thread" : `${report.threads} threads`;
  const title = `TPC-H at scale factor ${report.sf}, ${threads}${nodes}`;
  const checks = checked.length === 0 ? "answers unchecked" : `${right} of ${checked.length} answers right`;
  return `${title}: ${checks}\n\n${layOut(lines).replace(/ +$/gm, "")}`;
}
