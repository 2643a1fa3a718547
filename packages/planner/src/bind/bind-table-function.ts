import { type Column, constant, type Expression, int64, type LogicalPlan, QueryError } from "@headcut/plan";
import { didYouMean } from "../syntax/suggest.ts";
import type * as tree from "../syntax/tree.ts";
import type { QueryEnv, QueryPlan } from "./bind-context.ts";
import { constantArgument } from "./constant-argument.ts";
import { FILE_FUNCTIONS } from "./table-references.ts";

const MAX_SERIES_ROWS = 1_000_000n;

/** `range(n)`, `range(start, end[, step])` without the end, `generate_series` with it; integers only. */
export const bindTableFunction = (node: tree.TableFunction, env: QueryEnv): QueryPlan => {
  const name = node.name.name.toLowerCase();
  if (name !== "range" && name !== "generate_series") throw unknownTableFunction(name, node);
  if (node.args.length < 1 || node.args.length > 3 || node.namedArgs.length > 0) {
    throw new QueryError("invalid-argument", `${name} takes one to three integers`, { range: node.range });
  }
  const values = node.args.map((arg) => constantArgument(arg, int64, `an argument of ${name}`, env) as bigint | null);
  if (values.includes(null)) return series(name, [], env);
  const [start, end, step] = (values.length === 1 ? [0n, values[0], 1n] : [values[0], values[1], values[2] ?? 1n]) as [
    bigint,
    bigint,
    bigint,
  ];
  if (step === 0n) {
    throw new QueryError("invalid-argument", `the step of ${name} cannot be 0`, { range: node.range });
  }
  const last = name === "range" ? end - (step > 0n ? 1n : -1n) : end;
  const count = (last - start) / step + 1n;
  const empty = step > 0n ? last < start : last > start;
  if (!empty && count > MAX_SERIES_ROWS) {
    throw new QueryError("unsupported", `${name} can have up to ${MAX_SERIES_ROWS} rows, not ${count}`, {
      range: node.range,
    });
  }
  const rows = empty ? [] : Array.from({ length: Number(count) }, (_, i) => start + BigInt(i) * step);
  return series(name, rows, env);
};

const series = (name: string, values: readonly bigint[], env: QueryEnv): QueryPlan => {
  const column: Column = { id: env.state.ids.next(), name, type: int64, nullable: false };
  const rows = values.map((value): readonly Expression[] => [constant(int64, value)]);
  const plan: LogicalPlan = { kind: "values", columns: [column], rows };
  return { plan, names: [name] };
};

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
