import { type Column, int64, type LogicalPlan, QueryError } from "@headcut/plan";
import { didYouMean } from "../syntax/suggest.ts";
import type * as tree from "../syntax/tree.ts";
import type { QueryEnv, QueryPlan } from "./bind-context.ts";
import { constantArgument } from "./constant-argument.ts";
import { FILE_FUNCTIONS } from "./table-references.ts";

/** What takes a day to count. */
const MAX_SERIES_ROWS = 10n ** 14n;

/** `range(n)`, `range(start, end[, step])` without the end, `generate_series` with it; integers only. */
export const bindTableFunction = (node: tree.TableFunction, env: QueryEnv): QueryPlan => {
  const name = node.name.name.toLowerCase();
  if (name !== "range" && name !== "generate_series") throw unknownTableFunction(name, node);
  if (node.args.length < 1 || node.args.length > 3 || node.namedArgs.length > 0) {
    throw new QueryError("invalid-argument", `${name} takes one to three integers`, { range: node.range });
  }
  const values = node.args.map((arg) => constantArgument(arg, int64, `an argument of ${name}`, env) as bigint | null);
  if (values.includes(null)) return noRows(name, env);
  const [start, end, step] = (values.length === 1 ? [0n, values[0], 1n] : [values[0], values[1], values[2] ?? 1n]) as [
    bigint,
    bigint,
    bigint,
  ];
  if (step === 0n) {
    throw new QueryError("invalid-argument", `the step of ${name} cannot be 0`, { range: node.range });
  }
  const last = name === "range" ? end - (step > 0n ? 1n : -1n) : end;
  if (step > 0n ? last < start : last > start) return noRows(name, env);
  const count = (last - start) / step + 1n;
  if (count > MAX_SERIES_ROWS) {
    throw new QueryError("unsupported", `${name} can have up to ${MAX_SERIES_ROWS} rows, not ${count}`, {
      range: node.range,
    });
  }
  const plan: LogicalPlan = { kind: "series", columns: [columnOf(name, env)], start, step, count: Number(count) };
  return { plan, names: [name] };
};

const columnOf = (name: string, env: QueryEnv): Column => ({
  id: env.state.ids.next(),
  name,
  type: int64,
  nullable: false,
});

const noRows = (name: string, env: QueryEnv): QueryPlan => ({
  plan: { kind: "values", columns: [columnOf(name, env)], rows: [] },
  names: [name],
});

const unknownTableFunction = (name: string, node: tree.TableFunction): QueryError => {
  const { range } = node.name;
  if (FILE_FUNCTIONS.has(name)) {
    return new QueryError("unsupported", `${name} takes one path as a string`, { range: node.range });
  }
  if (["read_csv", "read_csv_auto", "read_json", "read_json_auto", "unnest"].includes(name)) {
    return new QueryError("unsupported", `table function ${name} is not supported`, { range });
  }
  const hint = didYouMean(name, ["range", "generate_series", ...FILE_FUNCTIONS]);
  return new QueryError("unknown-function", `there is no table function ${name}`, { range, ...(hint && { hint }) });
};
