import { type DataType, uniqueNames, type Value } from "@headcut/plan";
import { readValues } from "../result/read-values.ts";
import { presentText } from "../result/text-of.ts";
import type { OutputFormat, OutputRows } from "./format.ts";

const encoder = new TextEncoder();

/** One array of objects. */
export const writeJson: OutputFormat = async function* (result) {
  let separator = "[\n";
  for await (const objects of objectTexts(result)) {
    if (objects.length === 0) continue;
    yield encoder.encode(separator + objects.join(",\n"));
    separator = ",\n";
  }
  yield encoder.encode(separator === "[\n" ? "[]\n" : "\n]\n");
};

/** One object per line (JSON Lines). */
export const writeNdjson: OutputFormat = async function* (result) {
  for await (const objects of objectTexts(result)) {
    if (objects.length > 0) yield encoder.encode(`${objects.join("\n")}\n`);
  }
};

async function* objectTexts(result: OutputRows): AsyncGenerator<string[]> {
  const keys = uniqueNames(result.columns.map(({ name }) => name)).map((name) => JSON.stringify(name));
  for await (const batch of result.encodedBatches()) {
    const readers = result.columns.map(({ type }, index) => {
      const read = readValues(batch.columns[index]!, type, batch.rowCount);
      return (row: number): string => `${keys[index]}:${jsonText(type, read(row))}`;
    });
    yield Array.from({ length: batch.rowCount }, (_, row) => `{${readers.map((read) => read(row)).join(",")}}`);
  }
}

/** Numbers are written with all their digits (JSON's grammar has no limit); what JSON cannot say is text. */
const jsonText = (type: DataType, value: Value): string => {
  if (value === null) return "null";
  switch (type.kind) {
    case "boolean":
      return String(value);
    case "float":
    case "double":
      return Number.isFinite(value) ? presentText(type, value) : JSON.stringify(presentText(type, value));
    case "decimal":
    case "int8":
    case "int16":
    case "int32":
    case "int64":
    case "uint8":
    case "uint16":
    case "uint32":
    case "uint64":
      return presentText(type, value);
    default:
      return JSON.stringify(presentText(type, value));
  }
};
