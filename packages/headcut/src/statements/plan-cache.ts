import type { Table, TypedValue, Value } from "@headcut/plan";
import type { PlannedQuery, Statement } from "@headcut/planner";
import type { ParameterValues } from "./statement-context.ts";

/** What running a plan again takes. */
export type KnownPlan = Pick<PlannedQuery, "physical" | "names">;

interface Entry {
  readonly parameters: string;
  /** A table object stands for its content: a file that changed, or rows that were added, make another one. */
  readonly tables: readonly (Table | undefined)[];
  readonly plan: KnownPlan;
}

/** Of one statement: it may be prepared once and run with many values, or by connections with other tables. */
const MAX_ENTRIES = 8;

const plans = new WeakMap<Statement, Entry[]>();

/** What a statement is bound with besides its tables, as a key: equal for equal values of equal types. */
export const parametersKey = (parameters: ParameterValues): string =>
  JSON.stringify(Object.entries(parameters).map(([name, parameter]) => [name, parameterKey(parameter)]));

const parameterKey = ({ type, value }: TypedValue): unknown => [type, valueKey(value)];

const valueKey = (value: Value): string => {
  if (typeof value === "number") return `number ${Object.is(value, -0) ? "-0" : value}`;
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString("hex")}`;
  if (typeof value === "object" && value !== null) return `${value.months} months ${value.days} days ${value.micros}`;
  return `${typeof value} ${value}`;
};

/** The plan of the same statement on the same tables with the same parameters, if it was made lately. */
export const recallPlan = (
  statement: Statement,
  parameters: string,
  tables: readonly (Table | undefined)[],
): KnownPlan | undefined => {
  const entry = plans
    .get(statement)
    ?.find((known) => known.parameters === parameters && known.tables.every((table, i) => table === tables[i]));
  return entry?.plan;
};

/** Keeps a plan as long as its statement is kept, by its caller or among the texts that were parsed lately. */
export const rememberPlan = (
  statement: Statement,
  parameters: string,
  tables: readonly (Table | undefined)[],
  { physical, names }: PlannedQuery,
): void => {
  const entries = plans.get(statement) ?? [];
  entries.unshift({ parameters, tables, plan: { physical, names } });
  entries.splice(MAX_ENTRIES);
  plans.set(statement, entries);
};
