import { isNumeric, typeName } from "@headcut/plan";
import { readValues } from "../result/read-values.ts";
import { presentText } from "../result/text-of.ts";
import type { OutputFormat } from "./format.ts";

const encoder = new TextEncoder();
const MAX_CELL_WIDTH = 60;

/** A table for a terminal: box-drawn, names and types on top, numbers to the right. A text of several lines that is all there is, such as a plan, stands for itself. */
export const writeTable: OutputFormat = async function* (result, { maxRows }) {
  const cells: string[][] = result.columns.map(() => []);
  let rowCount = 0;
  let page: string | undefined;
  for await (const batch of result.encodedBatches()) {
    const shown = Math.max(0, Math.min(batch.rowCount, (maxRows ?? Number.POSITIVE_INFINITY) - rowCount));
    result.columns.forEach(({ type }, index) => {
      const read = readValues(batch.columns[index]!, type, batch.rowCount);
      for (let row = 0; row < shown; row++) {
        const value = read(row);
        if (typeof value === "string" && value.includes("\n")) page = value.split("\n").map(printable).join("\n");
        cells[index]!.push(value === null ? "NULL" : cellText(presentText(type, value)));
      }
    });
    rowCount += batch.rowCount;
  }
  if (page !== undefined && rowCount === 1 && result.columns.length === 1) yield encoder.encode(`${page}\n`);
  else yield encoder.encode(drawTable(result.columns.map(tableColumn), cells, rowCount));
};

interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly alignRight: boolean;
}

const tableColumn = ({ name, type }: { name: string; type: Parameters<typeof typeName>[0] }): TableColumn => ({
  name: cellText(name),
  type: typeName(type),
  alignRight: isNumeric(type),
});

const drawTable = (columns: readonly TableColumn[], cells: readonly string[][], rowCount: number): string => {
  const widths = columns.map(({ name, type }, index) =>
    cells[index]!.reduce(
      (width, cell) => Math.max(width, displayWidth(cell)),
      Math.max(displayWidth(name), type.length),
    ),
  );
  const rule = (left: string, middle: string, right: string): string =>
    left + widths.map((width) => "─".repeat(width + 2)).join(middle) + right;
  const line = (texts: readonly string[], right: (index: number) => boolean): string =>
    `│${texts.map((text, index) => ` ${pad(text, widths[index]!, right(index))} `).join("│")}│`;
  const shown = cells[0]?.length ?? 0;
  const lines = [
    rule("┌", "┬", "┐"),
    line(
      columns.map(({ name }) => name),
      () => false,
    ),
    line(
      columns.map(({ type }) => type),
      () => false,
    ),
    rule("├", "┼", "┤"),
  ];
  for (let row = 0; row < shown; row++) {
    lines.push(
      line(
        cells.map((column) => column[row]!),
        (index) => columns[index]!.alignRight,
      ),
    );
  }
  lines.push(rule("└", "┴", "┘"));
  const note = shown < rowCount ? `, ${shown} shown` : "";
  return `${lines.join("\n")}\n${rowCount} ${rowCount === 1 ? "row" : "rows"}${note}\n`;
};

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
const hexEscape = (control: string): string => `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`;

/** One line of printable text, cut at `MAX_CELL_WIDTH`. */
const cellText = (text: string): string => {
  const line = printable(text);
  const characters = [...line];
  return characters.length > MAX_CELL_WIDTH ? `${characters.slice(0, MAX_CELL_WIDTH - 1).join("")}…` : line;
};

/** What would spoil the terminal, as escapes. */
const printable = (text: string): string =>
  text.replace(/\p{Cc}/gu, (control) => ESCAPES[control] ?? hexEscape(control));

const pad = (text: string, width: number, right: boolean): string => {
  const blanks = " ".repeat(Math.max(0, width - displayWidth(text)));
  return right ? blanks + text : text + blanks;
};

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const combining = /\p{Mark}/u;

/** Terminal columns a text takes: East Asian wide characters and emoji two, combining marks none. */
const displayWidth = (text: string): number => {
  let width = 0;
  for (const character of text) width += combining.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return width;
};
