import { readValues } from "../result/read-values.ts";
import { presentText } from "../result/text-of.ts";
import type { OutputFormat } from "./format.ts";

const encoder = new TextEncoder();

/** RFC 4180, with "\n" line ends as DuckDB writes them; an empty string is quoted so that it differs from NULL. */
export const writeCsv: OutputFormat = async function* (result, { header = true, delimiter = ",", nullText = "" }) {
  const special = new RegExp(`["\\r\\n${delimiter.replace(/[\\\]^-]/, "\\$&")}]`);
  const field = (text: string): string =>
    text === nullText || special.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  if (header) yield encoder.encode(`${result.columns.map(({ name }) => field(name)).join(delimiter)}\n`);
  for await (const batch of result.encodedBatches()) {
    const readers = result.columns.map(({ type }, index) => {
      const read = readValues(batch.columns[index]!, type, batch.rowCount);
      return (row: number): string => {
        const value = read(row);
        return value === null ? nullText : field(presentText(type, value));
      };
    });
    let text = "";
    for (let row = 0; row < batch.rowCount; row++) text += `${readers.map((read) => read(row)).join(delimiter)}\n`;
    yield encoder.encode(text);
  }
};
