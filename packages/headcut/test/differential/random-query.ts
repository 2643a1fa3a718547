/** Tables that random queries are about: few values, many NULLs and ties. Rows are made by `range`, without chance. */
export const randomTables: Readonly<Record<string, string>> = {
  big: `SELECT i::INTEGER AS id, CASE WHEN i % 7 = 0 THEN NULL ELSE (i * 37 % 23)::INTEGER END AS k, (i * 101 % 50)::BIGINT AS n,
      CASE WHEN i % 11 = 3 THEN NULL ELSE 'text ' || (i * 13 % 17) END AS s, ((i * 7919 % 1999) / 4)::DECIMAL(8, 2) AS d,
      CASE WHEN i % 13 = 5 THEN NULL ELSE DATE '1998-01-01' + (i * 31 % 400)::INTEGER END AS t FROM range(700) AS r(i)`,
  middle: `SELECT (i * 5 % 31)::INTEGER AS k, CASE WHEN i % 5 = 0 THEN NULL ELSE (i % 12)::BIGINT END AS n, 'text ' || (i % 20) AS s,
      CASE WHEN i % 9 = 1 THEN NULL ELSE (i / 8)::DECIMAL(8, 2) END AS d, DATE '1998-03-01' + (i * 3)::INTEGER AS t FROM range(90) AS r(i)`,
  small: `SELECT CASE WHEN i = 4 THEN NULL ELSE i::INTEGER END AS k, (i * 2)::BIGINT AS n, CASE WHEN i % 3 = 0 THEN NULL ELSE 'text ' || i END AS s,
      i::DECIMAL(8, 2) AS d, DATE '1998-06-01' + i::INTEGER AS t FROM range(9) AS r(i)`,
  nothing: `SELECT i::INTEGER AS k, i::BIGINT AS n, 'x' AS s, i::DECIMAL(8, 2) AS d, DATE '1998-01-01' AS t FROM range(0) AS r(i)`,
};

/** The same columns with so many rows and values that operators need more memory than the smallest; joins by any column stay small. */
export const largeRandomTables: Readonly<Record<string, string>> = {
  big: `SELECT i::INTEGER AS id, CASE WHEN i % 7 = 0 THEN NULL ELSE (i * 37 % 2311)::INTEGER END AS k, (i * 101 % 5003)::BIGINT AS n,
      CASE WHEN i % 11 = 3 THEN NULL ELSE 'text ' || (i * 13 % 1709) || repeat(' and more', (i % 5)::INTEGER * (i % 3)::INTEGER) END AS s,
      ((i * 7919 % 19997) / 4)::DECIMAL(8, 2) AS d, CASE WHEN i % 13 = 5 THEN NULL ELSE DATE '1998-01-01' + (i * 31 % 4001)::INTEGER END AS t
      FROM range(12000) AS r(i)`,
  middle: `SELECT (i * 5 % 1531)::INTEGER AS k, CASE WHEN i % 5 = 0 THEN NULL ELSE (i % 1201)::BIGINT END AS n, 'text ' || (i % 1203) AS s,
      CASE WHEN i % 9 = 1 THEN NULL ELSE (i / 8)::DECIMAL(8, 2) END AS d, DATE '1998-03-01' + (i * 3)::INTEGER AS t FROM range(2500) AS r(i)`,
  small: randomTables.small!,
  nothing: randomTables.nothing!,
};

export interface RandomQueryOptions {
  /** Sorts of all rows, not of the first ones alone, and aggregates that keep all values. */
  readonly keepsMuch?: boolean;
}

type Type = "int" | "text" | "decimal" | "date";

interface Named {
  readonly sql: string;
  readonly type: Type;
}

const COLUMNS: readonly Named[] = [
  { sql: "k", type: "int" },
  { sql: "n", type: "int" },
  { sql: "s", type: "text" },
  { sql: "d", type: "decimal" },
  { sql: "t", type: "date" },
];
const TYPES: readonly Type[] = ["int", "text", "decimal", "date"];
const TABLES = ["big", "big", "middle", "middle", "small", "nothing"];

/** A query that is right, and has one answer up to the order of its rows. Another for each seed; no query has doubles. */
export const randomQuery = (seed: number, { keepsMuch = false }: RandomQueryOptions = {}): string => {
  const next = generator(seed);
  const below = (count: number): number => Math.floor(next() * count);
  const chance = (of: number): boolean => next() < of;
  const pick = <T>(all: readonly T[]): T => all[below(all.length)]!;
  let aliases = 0;
  const alias = (): string => `a${aliases++}`;

  const constant = (type: Type): string => {
    switch (type) {
      case "int":
        return chance(0.1) ? "NULL::INTEGER" : String(below(25) - 3);
      case "text":
        return pick(["'text 3'", "'text 12'", "'text 1'", "''"]);
      case "decimal":
        return pick(["10.25", "0.00", "-3.5", "120.75"]);
      case "date":
        return `DATE '1998-0${1 + below(9)}-1${below(9)}'`;
    }
  };
  const column = (scope: readonly Named[], type: Type): string => {
    const fitting = scope.filter((each) => each.type === type);
    return fitting.length === 0 ? constant(type) : pick(fitting).sql;
  };
  const value = (scope: readonly Named[], type: Type, depth: number): string => {
    if (depth <= 0 || chance(0.5)) return chance(0.85) ? column(scope, type) : constant(type);
    const inner = (of: Type = type): string => value(scope, of, depth - 1);
    if (chance(0.15)) return `CASE WHEN ${condition(scope, depth - 1)} THEN ${inner()} ELSE ${inner()} END`;
    if (chance(0.15)) return `coalesce(${inner()}, ${inner()})`;
    if (chance(0.1)) return `nullif(${inner()}, ${inner()})`;
    if (chance(0.15)) return scalar(scope, type, depth - 1);
    switch (type) {
      case "int":
        return pick([
          () => `(${inner()} + ${column(scope, "int")})`,
          () => `(${column(scope, "int")} - ${column(scope, "int")})`,
          () => `(${column(scope, "int")} * ${below(5)})`,
          () => `(${inner()} % ${1 + below(6)})`,
          () => `length(${inner("text")})`,
          () => `month(${inner("date")})::INTEGER`,
          () => `abs(${column(scope, "int")})`,
        ])();
      case "text":
        return pick([
          () => `upper(${inner()})`,
          () => `substr(${inner()}, ${1 + below(6)}, ${below(3)})`,
          () => `(${column(scope, "text")} || ${inner()})`,
          () => `${column(scope, "int")}::VARCHAR`,
        ])();
      case "decimal":
        return pick([
          () => `(${column(scope, "decimal")} + ${column(scope, "decimal")})::DECIMAL(12, 2)`,
          () => `(-${column(scope, "decimal")})`,
          () => `round(${column(scope, "decimal")}, 1)::DECIMAL(8, 2)`,
        ])();
      case "date":
        return `(${column(scope, "date")} + ${below(40)})`;
    }
  };
  /** One value of a subquery, usually of the rows that belong to the outer one. */
  const scalar = (scope: readonly Named[], type: Type, depth: number): string => {
    const name = alias();
    const own = scopeOf(name);
    const wanted = column(own, type);
    const links = chance(0.8) ? ` WHERE ${link(own, scope, depth)}` : "";
    const aggregate = type === "int" && chance(0.4) ? "count(*)::INTEGER" : `${pick(["min", "max"])}(${wanted})`;
    return `(SELECT ${aggregate} FROM ${pick(TABLES)} AS ${name}${links})`;
  };
  const link = (own: readonly Named[], outer: readonly Named[], depth: number): string => {
    const type = pick(TYPES);
    const equal = `${column(own, type)} = ${column(outer, type)}`;
    if (chance(0.3)) return `${equal} AND ${condition([...own], 0)}`;
    if (chance(0.15)) return `${equal} AND ${column(own, "int")} <> ${column(outer, "int")}`;
    return depth > 0 && chance(0.2) ? `${equal} OR ${condition([...own], 0)}` : equal;
  };
  const condition = (scope: readonly Named[], depth: number): string => {
    if (depth > 0 && chance(0.4)) {
      const [left, right] = [condition(scope, depth - 1), condition(scope, depth - 1)];
      return pick([`(${left} AND ${right})`, `(${left} OR ${right})`, `NOT (${left})`]);
    }
    const type = pick(TYPES);
    const left = value(scope, type, depth);
    if (depth > 0 && chance(0.3)) return subqueryCondition(scope, left, type, depth);
    return pick([
      () => `${left} ${pick(["=", "<>", "<", "<=", ">", ">="])} ${value(scope, type, depth - 1)}`,
      () => `${left} ${pick(["=", "<", ">="])} ${constant(type)}`,
      () => `${left} IS ${pick(["", "NOT "])}NULL`,
      () => `${left} ${pick(["", "NOT "])}IN (${constant(type)}, ${constant(type)}, ${constant(type)})`,
      () => `${left} ${pick(["", "NOT "])}BETWEEN ${constant(type)} AND ${constant(type)}`,
      () => `${left} IS ${pick(["", "NOT "])}DISTINCT FROM ${value(scope, type, 0)}`,
      () => `${value(scope, "text", 0)} ${pick(["", "NOT "])}LIKE ${pick(["'text 1%'", "'%3'", "'_e%t%'", "'%'"])}`,
    ])();
  };
  const subqueryCondition = (scope: readonly Named[], left: string, type: Type, depth: number): string => {
    const name = alias();
    const own = scopeOf(name);
    const table = pick(TABLES);
    const not = pick(["", "NOT "]);
    return pick([
      () => `${not}EXISTS (SELECT 1 FROM ${table} AS ${name} WHERE ${link(own, scope, depth)})`,
      () => `${left} ${not}IN (SELECT ${column(own, type)} FROM ${table} AS ${name} WHERE ${condition(own, 0)})`,
      () => `${left} ${not}IN (SELECT ${column(own, type)} FROM ${table} AS ${name} WHERE ${link(own, scope, 0)})`,
      () => `${left} ${pick(["=", "<", ">"])} ${scalar(scope, type, 0)}`,
    ])();
  };
  const scopeOf = (name: string): Named[] => COLUMNS.map(({ sql, type }) => ({ sql: `${name}.${sql}`, type }));

  const relation = (depth: number): { readonly sql: string; readonly scope: Named[] } => {
    const name = alias();
    if (depth > 0 && chance(0.3)) {
      const types = [...TYPES, pick(TYPES)];
      const names = types.map((_, i) => `c${i}`);
      const sql = `(${query(types, depth - 1)}) AS ${name}(${names.join(", ")})`;
      return { sql, scope: types.map((type, i) => ({ sql: `${name}.c${i}`, type })) };
    }
    return { sql: `${pick(TABLES)} AS ${name}`, scope: scopeOf(name) };
  };
  const from = (depth: number): { readonly sql: string; readonly scope: Named[] } => {
    let { sql, scope } = relation(depth);
    for (let joins = below(3); joins > 0; joins--) {
      const right = relation(depth - 1);
      const type = pick(TYPES);
      const on = `${column(scope, type)} = ${column(right.scope, type)}`;
      const both = [...scope, ...right.scope];
      const more = chance(0.3) ? ` AND ${condition(both, 0)}` : "";
      sql += ` ${pick(["JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"])} ${right.sql} ON ${on}${more}`;
      scope = both;
    }
    return { sql, scope };
  };
  const aggregate = (scope: readonly Named[], type: Type): string => {
    const filter = chance(0.2) ? ` FILTER (WHERE ${condition(scope, 0)})` : "";
    if (keepsMuch && chance(0.3)) {
      const kept = value(scope, type, 0);
      if (type === "int") return `(2 * median(${kept})${filter} % 1000)::INTEGER`;
      if (type === "text") return `string_agg(${kept}, '|' ORDER BY (${kept} || '')${pick(["", " DESC"])})${filter}`;
    }
    switch (type) {
      case "int":
        return pick([
          `count(*)${filter}::INTEGER`,
          `count(${value(scope, pick(TYPES), 0)})${filter}::INTEGER`,
          `count(DISTINCT ${value(scope, pick(TYPES), 0)})${filter}::INTEGER`,
          `(sum(${value(scope, "int", 1)})${filter} % 1000)::INTEGER`,
        ]);
      case "decimal":
        return `(sum(${value(scope, "decimal", 0)})${filter} % 1000)::DECIMAL(8, 2)`;
      default:
        return `${pick(["min", "max"])}(${value(scope, type, 1)})${filter}`;
    }
  };
  const block = (types: readonly Type[], depth: number): string => {
    const { sql, scope } = from(depth);
    const where = chance(0.6) ? ` WHERE ${condition(scope, depth)}` : "";
    if (chance(0.35)) {
      const keys = Array.from({ length: below(3) }, (): Named => {
        const type = pick(TYPES);
        return { sql: value(scope, type, 1), type };
      }).filter((key) => /[a-z]\d*\./.test(key.sql) && !key.sql.includes("SELECT"));
      const items = types.map((type) => {
        const fitting = keys.filter((key) => key.type === type);
        return fitting.length > 0 && chance(0.7) ? pick(fitting).sql : aggregate(scope, type);
      });
      const groups = keys.length === 0 ? "" : ` GROUP BY ${keys.map((key) => key.sql).join(", ")}`;
      const having = chance(0.3) ? ` HAVING ${aggregate(scope, "int")} ${pick([">", "<="])} ${below(10)}` : "";
      return `SELECT ${items.join(", ")} FROM ${sql}${where}${groups}${having}`;
    }
    const items = types.map((type) => value(scope, type, depth));
    return `SELECT ${chance(0.2) ? "DISTINCT " : ""}${items.join(", ")} FROM ${sql}${where}`;
  };
  const query = (types: readonly Type[], depth: number): string => {
    const first = block(types, depth);
    if (depth === 0 || chance(0.8)) return first;
    const operator = pick(["UNION ALL", "UNION", "EXCEPT", "INTERSECT"]);
    return `(${first}) ${operator} (${block(types, depth - 1)})`;
  };

  const types = Array.from({ length: 1 + below(4) }, () => pick(TYPES));
  const body = query(types, 2);
  if (chance(0.6)) return body;
  // All columns: rows that tie are equal.
  const keys = types.map((_, i) => `${i + 1}${pick(["", " DESC"])}${pick(["", " NULLS FIRST"])}`);
  const ordered = `SELECT * FROM (${body}) AS q ORDER BY ${keys.join(", ")}`;
  if (keepsMuch && chance(0.8))
    return chance(0.5) ? ordered : `${ordered} LIMIT ${5000 + below(5000)} OFFSET ${below(5000)}`;
  return `${ordered} LIMIT ${1 + below(20)}${chance(0.3) ? ` OFFSET ${below(5)}` : ""}`;
};

/** Numbers in [0, 1) from a seed: mulberry32. */
const generator = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};
