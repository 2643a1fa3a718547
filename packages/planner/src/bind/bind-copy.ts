import { columnRef, outputColumns, QueryError, uniqueNames } from "@headcut/plan";
import type * as tree from "../syntax/tree.ts";
import type { QueryEnv, QueryPlan } from "./bind-context.ts";
import { bindFrom } from "./bind-from.ts";
import type { BoundStatement, CopyFormat } from "./bound-statement.ts";

const FORMATS: Readonly<Record<string, CopyFormat>> = {
  parquet: "parquet",
  csv: "csv",
  tsv: "csv",
  json: "json",
  ndjson: "ndjson",
  jsonl: "ndjson",
};

/** `COPY table | (query) TO 'path' (FORMAT …)`; without FORMAT the path's ending says it, and CSV is the last resort. */
export const bindCopy = (node: tree.Copy, env: QueryEnv): BoundStatement => {
  const { plan, names } = source(node.source, env);
  const options: Record<string, string | number | boolean> = {};
  let format: CopyFormat | undefined;
  for (const option of node.options) {
    if (option.name === "format") format = namedFormat(option);
    else options[option.name] = option.value ?? true;
  }
  return {
    kind: "copyTo",
    plan,
    names: uniqueNames(names),
    path: node.path,
    format: format ?? pathFormat(node.path),
    options,
  };
};

const source = (node: tree.Copy["source"], env: QueryEnv): QueryPlan => {
  if (node.kind === "query") return env.state.bindQuery(node, env);
  const table: tree.NamedTable = { kind: "namedTable", name: node, alias: undefined, range: node.range };
  const { plan } = bindFrom([table], env);
  const columns = outputColumns(plan);
  return {
    plan: {
      kind: "project",
      input: plan,
      projections: columns.map((column) => ({ id: column.id, name: column.name, expression: columnRef(column) })),
    },
    names: columns.map((column) => column.name),
  };
};

const namedFormat = (option: tree.CopyOption): CopyFormat => {
  const format = FORMATS[String(option.value).toLowerCase()];
  if (format !== undefined) return format;
  throw new QueryError("unsupported", `there is no format ${option.value}`, {
    range: option.range,
    hint: "the formats are parquet, csv, json and ndjson",
  });
};

const pathFormat = (path: string): CopyFormat => FORMATS[/\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? ""] ?? "csv";
