import type { ClusterFigures } from "./engine.ts";
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

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB"] as const;

function formatBytes(bytes: number): string {
  const power = Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 2 ** (10 * power);
  return `${power === 0 ? value : value.toFixed(1)} ${BYTE_UNITS[power]}`;
}

/** The share of scans that ran where the data lies. */
function formatShare(splitsByOwners: number, splits: number): string {
  return splits === 0 ? "-" : `${((100 * splitsByOwners) / splits).toFixed(1)} %`;
}

function formatKill({ killed }: QueryResult): string {
  return killed === undefined ? "-" : `node ${killed.node} at ${killed.afterMs.toFixed(0)}`;
}

const NO_FIGURES: ClusterFigures = { bytesBetweenNodes: 0, splits: 0, splitsByOwners: 0, retries: 0 };

const totalFigures = ({ queries }: RunReport): ClusterFigures =>
  queries.reduce(
    (sum, { cluster = NO_FIGURES }) => ({
      bytesBetweenNodes: sum.bytesBetweenNodes + cluster.bytesBetweenNodes,
      splits: sum.splits + cluster.splits,
      splitsByOwners: sum.splitsByOwners + cluster.splitsByOwners,
      retries: sum.retries + cluster.retries,
    }),
    NO_FIGURES,
  );

/** The report as a table for the terminal. */
export function formatReport(report: RunReport): string {
  const withPeer = report.queries.some(({ duckdbMs }) => duckdbMs !== undefined);
  const withCluster = report.queries.some(({ cluster }) => cluster !== undefined);
  const withKills = report.queries.some(({ killed }) => killed !== undefined);
  const clusterCells = (figures: ClusterFigures | undefined): string[] => {
    if (!withCluster) return [];
    if (figures === undefined) return ["-", "-"];
    return [formatBytes(figures.bytesBetweenNodes), formatShare(figures.splitsByOwners, figures.splits)];
  };
  const killCells = (result: QueryResult): string[] => {
    if (!withKills) return [];
    return [formatKill(result), formatMs(result.killed?.elapsedMs), String(result.killed?.cluster?.retries ?? "-")];
  };
  const peerCells = (ours: number | undefined, theirs: number | undefined): string[] => {
    if (!withPeer) return [];
    return [formatMs(theirs), ours === undefined || theirs === undefined ? "-" : (ours / theirs).toFixed(2)];
  };
  const duckdbTotal = report.queries
    .filter(({ medianMs }) => medianMs !== undefined)
    .reduce((sum, { duckdbMs }) => sum + (duckdbMs ?? 0), 0);
  const lines = [
    [
      "query",
      "rows",
      "median ms",
      ...(withPeer ? ["DuckDB ms", "ratio"] : []),
      ...(withCluster ? ["shipped", "by owners"] : []),
      ...(withKills ? ["killed", "then ms", "retries"] : []),
      "answer",
    ],
    ...report.queries.map((result) => [
      `Q${result.query}`,
      String(result.rows),
      formatMs(result.medianMs),
      ...peerCells(result.medianMs, result.duckdbMs),
      ...clusterCells(result.cluster),
      ...killCells(result),
      verdict(result),
    ]),
    [
      "geomean",
      "",
      formatMs(report.geomeanMs),
      ...peerCells(report.geomeanMs, report.duckdbGeomeanMs),
      ...(withCluster ? ["", ""] : []),
      ...(withKills ? ["", "", ""] : []),
      "",
    ],
    [
      "total",
      "",
      formatMs(report.totalMs),
      ...peerCells(report.totalMs, withPeer ? duckdbTotal : undefined),
      ...clusterCells(totalFigures(report)),
      ...(withKills ? ["", "", ""] : []),
      "",
    ],
  ];
  const checked = report.queries.filter(({ correct }) => correct !== null);
  const right = checked.filter(({ correct }) => correct).length;
  const nodes = report.nodes === 1 ? "" : `, ${report.nodes} nodes`;
  const threads = `${report.threads} thread${report.threads === 1 ? "" : "s"}${report.nodes === 1 ? "" : " each"}`;
  const title = `TPC-H at scale factor ${report.sf}${nodes}, ${threads}`;
  const checks = checked.length === 0 ? "answers unchecked" : `${right} of ${checked.length} answers right`;
  return `${title}: ${checks}\n\n${layOut(lines).replace(/ +$/gm, "")}`;
}
