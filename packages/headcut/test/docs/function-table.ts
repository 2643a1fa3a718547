import { type DataType, typeName } from "@headcut/plan";
import { AGGREGATE_FUNCTIONS, type Overload, type Parameter, SCALAR_FUNCTIONS } from "@headcut/planner";
import { REWRITTEN_DOCS } from "./rewritten-docs.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");
const names = (all: readonly string[]): string => all.map((name) => `\`${cell(name)}\``).join(", ");
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

const shortName = (type: DataType): string =>
  typeName(type).replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ").replace("DECIMAL(38,0)", "HUGEINT");

const parameterName = (parameter: Parameter): string =>
  typeof parameter !== "string"
    ? shortName(parameter)
    : { integer: "any integer", decimal: "DECIMAL", any: "any", common: "any" }[parameter];

const unique = (texts: readonly string[]): string => [...new Set(texts)].join(" or ");

const resultName = (overload: Overload): string => {
  const { result } = overload;
  if (typeof result === "function") return "DECIMAL";
  return result === "same" ? parameterName(overload.params[0]!) : shortName(result);
};

/** `(VARCHAR, BIGINT) → VARCHAR`: overloads with the same number of arguments in one line. */
const signatures = (overloads: readonly Overload[]): string => {
  const counts = [...new Set(overloads.map(({ params }) => params.length))];
  return counts
    .map((count) => {
      const alike = overloads.filter(({ params }) => params.length === count);
      const places = Array.from({ length: count }, (_, at) =>
        unique(alike.map(({ params }) => parameterName(params[at]!))),
      );
      const rest = alike.some((overload) => overload.rest !== undefined) ? ", …" : "";
      return `(${places.join(", ")}${rest}) → ${unique(alike.map(resultName))}`;
    })
    .join("; ");
};

const byName = (a: readonly string[], b: readonly string[]): number => (a[0]! < b[0]! ? -1 : 1);

export const scalarTable = (): string => {
  const catalogue = SCALAR_FUNCTIONS.filter(({ name }) => /^\w+$/.test(name) && name !== "logb").map(
    ({ name, aliases, overloads, doc }) => [
      names([name, ...aliases.filter((alias) => alias !== "log")]),
      cell(signatures(overloads)),
      cell(doc),
    ],
  );
  const rewritten = Object.entries(REWRITTEN_DOCS)
    .filter(([, doc]) => doc !== undefined)
    .map(([all, doc]) => [names(all.split(" ")), cell(doc![0]), cell(doc![1])]);
  return table(["Function", "Arguments → result", "What it is"], [...catalogue, ...rewritten].sort(byName));
};

export const aggregateTable = (): string =>
  table(
    ["Aggregate", "What it is"],
    [
      ["`count(*)`", "Rows."],
      ["`count_if`, `countif`", "Rows for which the condition is true."],
      [
        "`quantile_cont`, `percentile_cont`",
        "`quantile_cont(x, 0.5)`, `percentile_cont(0.5) WITHIN GROUP (ORDER BY x)`: the median; no other fraction yet.",
      ],
      ...AGGREGATE_FUNCTIONS.map(({ sqlNames, doc }) => [names(sqlNames), cell(doc)]),
    ].sort(byName),
  );
