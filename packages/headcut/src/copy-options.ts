import { QueryError } from "@headcut/plan";
import type { CopyFormat } from "@headcut/planner";
import type { OutputOptions } from "./output/format.ts";

type OptionValue = string | number | boolean;

const readers: Record<CopyFormat, Record<string, (value: OptionValue) => OutputOptions>> = {
  csv: {
    header: (value) => ({ header: value === true || value === 1 || value === "true" }),
    delimiter: (value) => ({ delimiter: String(value) }),
    delim: (value) => ({ delimiter: String(value) }),
    sep: (value) => ({ delimiter: String(value) }),
    null: (value) => ({ nullText: String(value) }),
    nullstr: (value) => ({ nullText: String(value) }),
  },
  parquet: {
    compression: (value) => ({ compression: compressionOf(String(value)) }),
    codec: (value) => ({ compression: compressionOf(String(value)) }),
    row_group_size: (value) => ({ rowGroupSize: positive("row_group_size", value) }),
  },
  json: {},
  ndjson: {},
};

/** The options of COPY … TO in parentheses. Errors: invalid-argument naming the option. */
export const parseCopyOptions = (format: CopyFormat, options: Readonly<Record<string, OptionValue>>): OutputOptions => {
  const known = readers[format];
  const parsed: OutputOptions = {};
  for (const [name, value] of Object.entries(options)) {
    const read = known[name];
    if (read === undefined) {
      const names = Object.keys(known).join(", ");
      throw new QueryError("invalid-argument", `COPY to ${format} has no option ${name}`, {
        hint: names === "" ? "It takes none." : `It takes ${names}.`,
      });
    }
    Object.assign(parsed, read(value));
  }
  return parsed;
};

const compressionOf = (name: string): NonNullable<OutputOptions["compression"]> => {
  const found = { snappy: "snappy", zstd: "zstd", gzip: "gzip", none: "none", uncompressed: "none" }[
    name.toLowerCase()
  ];
  if (found !== undefined) return found as NonNullable<OutputOptions["compression"]>;
  throw new QueryError("invalid-argument", `unknown compression ${name}`, { hint: "Use snappy, zstd, gzip or none." });
};

const positive = (name: string, value: OptionValue): number => {
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw new QueryError("invalid-argument", `${name} must be a positive whole number`);
};
