import { QueryError } from "@headcut/plan";
import type { ArrowSource } from "./register-arrow.ts";

/** What a name can be registered for: paths and globs of Parquet files, or Arrow data. */
export type TableSource = string | readonly string[] | ArrowSource;

/** The same, told apart. */
export type NamedSource =
  /** At least one path or glob. */
  | { readonly kind: "parquet"; readonly paths: readonly string[] }
  | { readonly kind: "arrow"; readonly data: ArrowSource };

/** Throws QueryError "invalid-argument" for anything else. Arrow data of any copy of the library will do. */
export const classifySource = (name: string, source: TableSource): NamedSource => {
  if (name === "") throw new QueryError("invalid-argument", "a table needs a name");
  if (typeof source === "string") return { kind: "parquet", paths: [source] };
  if (Array.isArray(source)) {
    const items: readonly unknown[] = source;
    if (items.length > 0 && items.every((item) => typeof item === "string")) {
      return { kind: "parquet", paths: [...(items as readonly string[])] };
    }
    if (items.length > 0 && items.every(isBatch)) return { kind: "arrow", data: source as ArrowSource };
  } else if (typeof source === "object" && source !== null && "batches" in source && "schema" in source) {
    return { kind: "arrow", data: source };
  }
  throw new QueryError("invalid-argument", `table ${name} cannot be made of that`, {
    hint: "Pass a path, a glob, a list of them, an Arrow table, or a list of Arrow record batches.",
  });
};

const isBatch = (item: unknown): boolean =>
  typeof item === "object" && item !== null && "schema" in item && "data" in item;
