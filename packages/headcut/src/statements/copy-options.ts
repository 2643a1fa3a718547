import { QueryError } from "@headcut/plan";
import type { CopyFormat } from "@headcut/planner";
import type { CompressionName, OutputFormatName, OutputOptions } from "../output/format.ts";

type OptionValue = string | number | boolean;

/** What is to be written, and how. */
export interface CopyOutput {
  readonly format: OutputFormatName;
  readonly options: OutputOptions;
}

type Reader = (value: OptionValue, name: string) => Partial<OutputOptions> & { readonly array?: boolean };

const delimiter: Reader = (value, name) => {
  const text = String(value);
  if (/^[^"\r\n]$/u.test(text)) return { delimiter: text };
  throw new QueryError("invalid-argument", `${name} must be one character other than a quote or a line end`);
};
const nullText: Reader = (value) => ({ nullText: String(value) });
const compression: Reader = (value) => ({ compression: compressionOf(String(value)) });
const array: Reader = (value, name) => ({ array: truth(name, value) });

const readers: Record<CopyFormat, Readonly<Record<string, Reader>>> = {
  csv: {
    header: (value, name) => ({ header: truth(name, value) }),
    delimiter,
    delim: delimiter,
    sep: delimiter,
    null: nullText,
    nullstr: nullText,
  },
  parquet: {
    compression,
    codec: compression,
    row_group_size: (value, name) => ({ rowGroupSize: positive(name, value) }),
  },
  json: { array },
  ndjson: {},
};

/**
 * What COPY … TO's format and options in parentheses ask for. As in DuckDB, JSON is one object per line, and with ARRAY
 * one array. Throws QueryError "invalid-argument" naming the option.
 */
export const parseCopyOptions = (format: CopyFormat, options: Readonly<Record<string, OptionValue>>): CopyOutput => {
  const known = readers[format];
  const read = Object.entries(options).map(([name, value]) => {
    const reader = Object.hasOwn(known, name) ? known[name] : undefined;
    if (reader !== undefined) return reader(value, name.toUpperCase());
    const names = Object.keys(known).join(", ").toUpperCase();
    throw new QueryError("invalid-argument", `COPY to ${format} has no option ${name.toUpperCase()}`, {
      hint: names === "" ? "It takes none." : `It takes ${names}.`,
    });
  });
  const { array: isArray = false, ...parsed }: ReturnType<Reader> = Object.assign({}, ...read);
  return { format: format === "json" && !isArray ? "ndjson" : format, options: parsed };
};

const compressions: Readonly<Record<string, CompressionName>> = {
  snappy: "snappy",
  zstd: "zstd",
  gzip: "gzip",
  none: "none",
  uncompressed: "none",
};

const compressionOf = (name: string): CompressionName => {
  const found = compressions[name.toLowerCase()];
  if (found !== undefined) return found;
  throw new QueryError("invalid-argument", `there is no compression ${name}`, {
    hint: "Use snappy, zstd, gzip or none.",
  });
};

const truth = (name: string, value: OptionValue): boolean => {
  const found = { true: true, 1: true, on: true, false: false, 0: false, off: false }[String(value).toLowerCase()];
  if (found !== undefined) return found;
  throw new QueryError("invalid-argument", `${name} is true or false, not ${value}`);
};

const positive = (name: string, value: OptionValue): number => {
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw new QueryError("invalid-argument", `${name} must be a positive whole number, not ${value}`);
};
