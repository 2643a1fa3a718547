import { type DataType, type Expression, typeName, type Value } from "@headcut/plan";

/** The type as DuckDB spells it. */
const sqlType = (type: DataType): string => (type.kind === "null" ? "INTEGER" : typeName(type));

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The value as text that DuckDB casts to the type exactly. */
export const textOf = (type: DataType, value: Exclude<Value, null>): string => {
  if (value instanceof Uint8Array) {
    const hex = [...value].map((byte) => byte.toString(16).padStart(2, "0"));
    if (type.kind === "blob") return hex.map((byte) => `\\x${byte}`).join("");
    return hex.join("").replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }
  if (typeof value === "object") return `${value.months} months ${value.days} days ${value.micros} microseconds`;
  switch (type.kind) {
    case "decimal": {
      const digits = (BigInt(value as bigint) < 0n ? -BigInt(value as bigint) : BigInt(value as bigint))
        .toString()
        .padStart(type.scale + 1, "0");
      const point = digits.length - type.scale;
      return `${BigInt(value as bigint) < 0n ? "-" : ""}${digits.slice(0, point)}.${digits.slice(point)}`;
    }
    default:
      return Object.is(value, -0) ? "-0" : String(value);
  }
};

/** An SQL expression that gives exactly this value of this type. */
export const literal = (type: DataType, value: Value): string => {
  if (value === null) return `CAST(NULL AS ${sqlType(type)})`;
  switch (type.kind) {
    case "date":
      return `(DATE '1970-01-01' + CAST(${value} AS INTEGER))`;
    case "timestamp":
      if (type.unit === "ns") return `make_timestamp_ns(${value})`;
      return type.utc ? `CAST(make_timestamp(${value}) AS TIMESTAMPTZ)` : `make_timestamp(${value})`;
    case "time":
      return `CAST(make_timestamp(${value}) AS TIME)`;
    case "varchar":
      return quote(value as string);
    default:
      return `CAST(${quote(textOf(type, value))} AS ${sqlType(type)})`;
  }
};

const arithmetic = { add: "+", sub: "-", mul: "*", div: "/", intdiv: "//", mod: "%" } as const;
const comparison = {
  eq: "=",
  ne: "<>",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
  distinct: "IS DISTINCT FROM",
  notDistinct: "IS NOT DISTINCT FROM",
} as const;

/** The bound expression as DuckDB's SQL; column i is `ci`. */
export const sqlOf = (expression: Expression): string => {
  switch (expression.kind) {
    case "column":
      return `c${expression.id}`;
    case "constant":
      return literal(expression.type, expression.value);
    case "compare":
      return `(${sqlOf(expression.left)} ${comparison[expression.op]} ${sqlOf(expression.right)})`;
    case "and":
    case "or":
      return `(${expression.args.map(sqlOf).join(expression.kind === "and" ? " AND " : " OR ")})`;
    case "not":
      return `(NOT ${sqlOf(expression.arg)})`;
    case "isNull":
      return `(${sqlOf(expression.arg)} IS NULL)`;
    case "arithmetic":
      return `(${sqlOf(expression.left)} ${arithmetic[expression.op]} ${sqlOf(expression.right)})`;
    case "negate":
      return `(- ${sqlOf(expression.arg)})`;
    case "case": {
      const branches = expression.branches.map(({ when, then }) => `WHEN ${sqlOf(when)} THEN ${sqlOf(then)}`);
      return `(CASE ${branches.join(" ")} ELSE ${sqlOf(expression.otherwise)} END)`;
    }
    case "cast":
      return `${expression.try ? "TRY_CAST" : "CAST"}(${sqlOf(expression.arg)} AS ${sqlType(expression.type)})`;
    case "inList":
      return `(${sqlOf(expression.arg)} IN (${expression.list.map(sqlOf).join(", ")}))`;
    case "like": {
      const clause = expression.escape === undefined ? "" : ` ESCAPE ${quote(expression.escape)}`;
      const op = expression.caseInsensitive ? "ILIKE" : "LIKE";
      return `(${sqlOf(expression.arg)} ${op} ${sqlOf(expression.pattern)}${clause})`;
    }
    case "call": {
      const args = expression.args.map(sqlOf);
      if (expression.name === "||") return `(${args.join(" || ")})`;
      return `${expression.name === "logb" ? "log" : expression.name}(${args.join(", ")})`;
    }
  }
};
