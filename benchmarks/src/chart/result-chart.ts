import type { EngineName } from "../engines/engine.ts";
import { formatMs } from "../report/lay-out.ts";
import type { BenchmarkResult } from "../results/result.ts";
import { medianMs, summarize } from "../results/summary.ts";
import { ticks } from "./ticks.ts";

const WIDTH = 960;
const HEIGHT = 380;
const PLOT = { left: 52, right: 12, top: 62, bottom: 62 };

const labels: Readonly<Record<EngineName, string>> = {
  headcut: "Headcut",
  duckdb: "DuckDB, same Parquet files",
  "duckdb-native": "DuckDB, its own tables",
};

/** Colours that can be told apart on white and on black, also by the colour-blind; text follows the reader's mode. */
const STYLE = `
    text { font: 12px system-ui, sans-serif; fill: #24292f; }
    .title { font-size: 15px; font-weight: 600; }
    .note, .tick { fill: #57606a; font-size: 11px; }
    .grid { stroke: #d0d7de; stroke-width: 1; }
    .headcut { fill: #0072b2; }
    .duckdb { fill: #e69f00; }
    .duckdb-native { fill: #999999; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .note, .tick { fill: #9198a1; }
      .grid { stroke: #3d444d; }
      .headcut { fill: #56b4e9; }
    }`;

/** A result as a picture: the medians of each query side by side, lower is better; an SVG document. */
export const resultChart = (result: BenchmarkResult): string => {
  const { options, queries, commit, machine, versions } = result;
  const { engines } = options;
  const medians = queries.flatMap((query) => engines.map((engine) => medianMs(query, engine) ?? 0));
  const scale = ticks(Math.max(0, ...medians));
  const plotHeight = HEIGHT - PLOT.top - PLOT.bottom;
  const y = (ms: number): number => HEIGHT - PLOT.bottom - (ms / scale.at(-1)!) * plotHeight;
  const groupWidth = (WIDTH - PLOT.left - PLOT.right) / Math.max(1, queries.length);
  const barWidth = (groupWidth * 0.76) / engines.length;

  const grid = scale.map(
    (ms) =>
      `<line class="grid" x1="${PLOT.left}" x2="${WIDTH - PLOT.right}" y1="${digits(y(ms))}" y2="${digits(y(ms))}"/>` +
      `<text class="tick" text-anchor="end" x="${PLOT.left - 6}" y="${digits(y(ms) + 4)}">${ms}</text>`,
  );
  const bars = queries.flatMap((query, index) =>
    engines.flatMap((engine, position) => {
      const ms = medianMs(query, engine);
      if (ms === undefined) return [];
      const x = PLOT.left + index * groupWidth + groupWidth * 0.12 + position * barWidth;
      const title = `<title>${escapeXml(query.name)}: ${labels[engine]} ${formatMs(ms)} ms</title>`;
      const size = `width="${digits(barWidth)}" height="${digits(y(0) - y(ms))}"`;
      return [`<rect class="${engine}" x="${digits(x)}" y="${digits(y(ms))}" ${size}>${title}</rect>`];
    }),
  );
  const slanted = queries.some(({ name }) => name.length > 4);
  const names = queries.map(({ name }, index) => {
    const x = digits(PLOT.left + (index + 0.5) * groupWidth);
    const place = HEIGHT - PLOT.bottom + 15;
    const turn = slanted ? ` text-anchor="end" transform="rotate(-35 ${x} ${place})"` : ' text-anchor="middle"';
    return `<text class="tick" x="${x}" y="${place}"${turn}>${escapeXml(name)}</text>`;
  });
  const legend = engines.map((engine, index) => {
    const x = PLOT.left + index * 290;
    const { geomeanMs, totalMs } = summarize(result, engine);
    const means = `geomean ${formatMs(geomeanMs)} ms, total ${formatMs(totalMs)} ms`;
    return (
      `<rect class="${engine}" x="${x}" y="32" width="11" height="11"/>` +
      `<text x="${x + 17}" y="42">${labels[engine]}</text>` +
      `<text class="note" x="${x + 17}" y="56">${means}</text>`
    );
  });
  const set = options.set.replace(/^tpch-sf/, "TPC-H at scale factor ");
  const title = `${set}: milliseconds of each query, lower is better`;
  const note =
    `${options.threads} threads, medians of ${options.runs} hot runs, column cache ${options.cache ? "on" : "off"}, ` +
    `Parquet written by ${options.writer}; ${machine.cores} × ${machine.cpu}; ` +
    `commit ${commit}, DuckDB ${versions.duckdb}, Node ${versions.node}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img">`,
    `  <title>${escapeXml(title)}</title>`,
    `  <style>${STYLE}\n  </style>`,
    `  <text class="title" x="${PLOT.left}" y="20">${escapeXml(title)}</text>`,
    ...[...legend, ...grid, ...bars, ...names].map((line) => `  ${line}`),
    `  <text class="note" x="${PLOT.left}" y="${HEIGHT - 10}">${escapeXml(note)}</text>`,
    "</svg>",
    "",
  ].join("\n");
};

/** Tenths of a pixel. */
const digits = (value: number): string => String(Math.round(value * 10) / 10);

const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
