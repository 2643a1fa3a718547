import { type Column, formatMiB, layOut, titles } from "../report/lay-out.ts";
import type { SoakFigures } from "./soak-figures.ts";

const columns: readonly Column[] = [
  { title: "after", width: 22 },
  { title: "node", width: 4 },
  { title: "resident MiB", width: 12 },
  { title: "cache apart", width: 11 },
  { title: "heap MiB", width: 8 },
  { title: "buffers MiB", width: 11 },
  { title: "threads", width: 7 },
  { title: "files", width: 5 },
  { title: "sockets", width: 7 },
  { title: "handles", width: 7 },
  { title: "calls", width: 5 },
  { title: "held", width: 4 },
  { title: "files left", width: 10 },
];

export const soakTitles = titles(columns);

export const soakLines = (title: string, nodes: readonly SoakFigures[]): string =>
  nodes
    .map((figures, i) =>
      layOut(columns, [
        title,
        String(i + 1),
        ...[figures.residentBytes, figures.ownBytes, figures.heapBytes, figures.arrayBufferBytes].map(formatMiB),
        ...[figures.threads, figures.files, figures.sockets, figures.resources].map(String),
        ...[figures.calls, figures.held, figures.leftFiles].map(String),
      ]),
    )
    .join("\n");
