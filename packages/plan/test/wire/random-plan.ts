import type { AggregateCall, AggregateName, SortKey } from "../../src/aggregate.ts";
import {
  blob,
  boolean,
  type DataType,
  date,
  decimal,
  double,
  float,
  hugeint,
  int8,
  int16,
  int32,
  int64,
  interval,
  nullType,
  sameType,
  timestampTz,
  uint8,
  uint16,
  uint32,
  uint64,
  uuid,
  varchar,
} from "../../src/data-type.ts";
import { type Column, columnRef, constant, type Expression } from "../../src/expression.ts";
import type { PhysicalPlan } from "../../src/physical-plan.ts";
import type { Table } from "../../src/table.ts";
import type { Value } from "../../src/value.ts";

export interface Random {
  below(limit: number): number;
  chance(share: number): boolean;
  pick<T>(items: readonly T[]): T;
}

export const random = (seed: number): Random => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let t = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    t = Math.imul(t ^ (t >>> 15), 0x735a2d97);
    return ((t ^ (t >>> 15)) >>> 0) / 4294967296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { below, chance: (share) => next() < share, pick: (items) => items[below(items.length)]! };
};

export const TYPES: readonly DataType[] = [
  nullType,
  boolean,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float,
  double,
  decimal(15, 2),
  hugeint,
  decimal(1, 1),
  date,
  { kind: "time", unit: "us" },
  { kind: "time", unit: "ns" },
  { kind: "timestamp", unit: "us", utc: false },
  { kind: "timestamp", unit: "ns", utc: false },
  timestampTz,
  interval,
  varchar,
  blob,
  uuid,
];

const TEXTS = [
  "",
  "a",
  "it's",
  '"quoted" \\ \n\u0000',
  "größe 日本 🏞",
  "\ud800 lone",
  "__proto__",
  "constructor",
  "x".repeat(300),
];
const INT64S = [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)];

/** A value of a type, extremes and oddities first of all. */
export const randomValue = (rng: Random, type: DataType): Value => {
  if (type.kind === "null" || rng.chance(0.15)) return null;
  switch (type.kind) {
    case "boolean":
      return rng.chance(0.5);
    case "int8":
      return rng.pick([-128, 127, 0]);
    case "int16":
      return rng.pick([-32768, 32767]);
    case "int32":
    case "date":
      return rng.pick([-(2 ** 31), 2 ** 31 - 1, 0, 19000]);
    case "uint8":
      return rng.pick([0, 255]);
    case "uint16":
      return rng.pick([0, 65535]);
    case "uint32":
      return rng.pick([0, 2 ** 32 - 1]);
    case "int64":
    case "time":
    case "timestamp":
      return rng.pick(INT64S);
    case "uint64":
      return rng.pick([0n, 2n ** 64n - 1n]);
    case "decimal":
      return rng.pick([0n, 10n ** 38n - 1n, -(10n ** 38n) + 1n, 105n]);
    case "float":
    case "double":
      return rng.pick([0, -0, 1 / 3, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 1.7e308]);
    case "varchar":
      return rng.pick(TEXTS);
    case "blob":
      return Uint8Array.from({ length: rng.below(5) }, () => rng.below(256));
    case "uuid":
      return Uint8Array.from({ length: 16 }, () => rng.below(256));
    case "interval":
      return { months: rng.below(30) - 15, days: rng.pick([0, -(2 ** 31)]), micros: rng.pick(INT64S) };
  }
};

const randomTable = (rng: Random, name: string): Table => ({
  name,
  rowCount: rng.below(1e9),
  columns: Array.from({ length: 1 + rng.below(4) }, (_, i) => {
    const type = rng.pick(TYPES);
    const column = { name: rng.pick([`c${i}`, ...TEXTS]), type, nullable: rng.chance(0.5) };
    if (rng.chance(0.3)) return column;
    return {
      ...column,
      statistics: {
        ...(rng.chance(0.5) ? { min: randomValue(rng, type) } : {}),
        ...(rng.chance(0.5) ? { max: randomValue(rng, type) } : {}),
        ...(rng.chance(0.5) ? { nullCount: rng.below(9) } : {}),
        ...(rng.chance(0.5) ? { distinctCount: rng.below(9) + 0.5 } : {}),
        ...(rng.chance(0.5) ? { averageLength: 7.25 } : {}),
      },
    };
  }),
  source: rng.chance(0.3)
    ? { kind: "memory", tableId: rng.below(9) }
    : {
        kind: "parquet",
        files: Array.from({ length: rng.below(3) }, (_, i) => ({
          path: `/lake/${rng.pick(TEXTS)}${i}.parquet`,
          sizeBytes: rng.below(2 ** 40),
          rowCount: rng.below(1e9),
          identity: `${rng.below(1e9)}`,
          ...(rng.chance(0.3) ? { rowGroups: { first: rng.below(9), count: 1 } } : {}),
          ...(rng.chance(0.3)
            ? { constants: [{ name: "day", type: int64, value: rng.chance(0.2) ? null : 2n ** 60n }] }
            : {}),
        })),
      },
});

/** Well-formed plans with every kind of node, expression and value; what they compute makes no sense. */
export const randomPlan = (rng: Random, depth: number): PhysicalPlan => {
  const tables = ["r", "s"].map((name) => randomTable(rng, name));
  let ids = 0;
  let operators = 0;
  const fresh = (type: DataType): Column => ({ id: ids++, name: rng.pick(TEXTS), type, nullable: rng.chance(0.5) });
  const about = (columns: readonly Column[]) => ({
    operatorId: operators++,
    columns,
    estimatedRows: rng.pick([0, 1, 0.25, 6001215, 1e300]),
  });
  const some = <T>(items: readonly T[]): readonly T[] => items.filter(() => rng.chance(0.8));

  const expression = (columns: readonly Column[], type: DataType, levels: number): Expression => {
    const leaf = (): Expression => {
      const found = columns.filter((column) => sameType(column.type, type));
      return found.length > 0 && rng.chance(0.6) ? columnRef(rng.pick(found)) : constant(type, randomValue(rng, type));
    };
    if (levels === 0) return leaf();
    const any = (): Expression => expression(columns, rng.pick(TYPES), levels - 1);
    const typed = { type, nullable: rng.chance(0.5) };
    const options: (() => Expression)[] = [
      leaf,
      () => ({
        kind: "compare",
        op: rng.pick(["eq", "ne", "lt", "le", "gt", "ge", "distinct", "notDistinct"]),
        left: any(),
        right: any(),
        ...typed,
      }),
      () => ({ kind: rng.pick(["and", "or"]), args: [any(), any()], ...typed }),
      () => ({ kind: "not", arg: any(), ...typed }),
      () => ({ kind: "isNull", arg: any(), ...typed }),
      () => ({
        kind: "arithmetic",
        op: rng.pick(["add", "sub", "mul", "div", "intdiv", "mod"]),
        left: any(),
        right: any(),
        ...typed,
      }),
      () => ({ kind: "negate", arg: any(), ...typed }),
      // biome-ignore lint/suspicious/noThenProperty: a branch of the expression type.
      () => ({ kind: "case", branches: [{ when: any(), then: any() }], otherwise: any(), ...typed }),
      () => ({ kind: "cast", arg: any(), try: rng.chance(0.5), ...typed }),
      () => ({ kind: "inList", arg: any(), list: [any(), any()], ...typed }),
      () => ({
        kind: "like",
        arg: any(),
        pattern: any(),
        escape: rng.pick([undefined, "\\"]),
        caseInsensitive: rng.chance(0.5),
        ...typed,
      }),
      () => ({ kind: "call", name: rng.pick(TEXTS), args: [any()], ...typed }),
    ];
    return rng.pick(options)();
  };
  const over = (columns: readonly Column[], type: DataType = rng.pick(TYPES)): Expression =>
    expression(columns, type, rng.below(3));
  const keys = (columns: readonly Column[]): SortKey[] => [
    { expression: over(columns), descending: rng.chance(0.5), nullsFirst: rng.chance(0.5) },
  ];
  const call = (columns: readonly Column[]): AggregateCall => {
    const name = rng.pick<AggregateName>([
      "count",
      "countStar",
      "sum",
      "avg",
      "min",
      "max",
      "stddevSamp",
      "stddevPop",
      "varSamp",
      "varPop",
      "median",
      "anyValue",
      "first",
      "stringAgg",
      "boolAnd",
      "boolOr",
    ]);
    const args = name === "countStar" ? [] : name === "stringAgg" ? [over(columns), over(columns)] : [over(columns)];
    return {
      name,
      args,
      filter: rng.chance(0.3) ? over(columns, boolean) : undefined,
      distinct: false,
      orderBy: rng.chance(0.3) ? keys(columns) : [],
      type: rng.pick(TYPES),
      nullable: rng.chance(0.5),
    };
  };

  const make = (levels: number, ctes: ReadonlyMap<number, readonly Column[]>): PhysicalPlan => {
    const below = (): PhysicalPlan => make(levels - 1, ctes);
    const scan = (): PhysicalPlan => {
      const table = rng.pick(tables);
      const read = some(table.columns.map((column, index) => ({ ...fresh(column.type), index })));
      return {
        kind: "scan",
        ...about(some(read).map(({ index, ...column }) => column)),
        table,
        alias: rng.pick(TEXTS),
        read,
        filters: [over(read, boolean)],
        ...(rng.chance(0.3) && { files: { kept: rng.below(9), all: 9 } }),
      };
    };
    const values = (): PhysicalPlan => {
      const columns = Array.from({ length: rng.below(3) }, () => fresh(rng.pick(TYPES)));
      const rows = [0, 1].map(() => columns.map(({ type }) => constant(type, randomValue(rng, type))));
      return { kind: "values", ...about(columns), rows };
    };
    if (levels === 0) {
      const [cte] = ctes;
      if (cte !== undefined && rng.chance(0.6)) {
        const sources = some(cte[1]);
        const columns = sources.map(({ type }) => fresh(type));
        return { kind: "cteScan", ...about(columns), cteId: cte[0], name: "c", sources: sources.map(({ id }) => id) };
      }
      return rng.chance(0.7) ? scan() : values();
    }
    const input = below();
    const { columns } = input;
    switch (rng.below(10)) {
      case 0:
        return { kind: "filter", ...about(some(columns)), input, predicate: over(columns, boolean) };
      case 1: {
        const projections = [0, 1].map(() => ({ id: ids++, name: rng.pick(TEXTS), expression: over(columns) }));
        const made = projections.map(({ id, name, expression: { type, nullable } }) => ({ id, name, type, nullable }));
        return { kind: "project", ...about(made), input, projections };
      }
      case 2: {
        const build = below();
        const type = rng.pick(TYPES);
        const joinKind = rng.pick([
          "inner",
          "probeOuter",
          "buildOuter",
          "full",
          "probeSemi",
          "probeAnti",
          "buildSemi",
          "buildAnti",
          "mark",
          "single",
        ] as const);
        const mark = joinKind === "mark" ? fresh(boolean) : undefined;
        const made = [...columns, ...build.columns, ...(mark === undefined ? [] : [mark])];
        return {
          kind: "hashJoin",
          ...about(some(made)),
          joinKind,
          build,
          probe: input,
          keys: [{ build: over(build.columns, type), probe: over(columns, type), nullSafe: rng.chance(0.5) }],
          residual: over([...columns, ...build.columns], boolean),
          mark,
        };
      }
      case 3: {
        const groups = [{ id: ids++, name: "g", expression: over(columns) }];
        const aggregates = [{ id: ids++, name: "a", call: call(columns) }];
        const made = [
          { id: groups[0]!.id, name: "g", type: groups[0]!.expression.type, nullable: true },
          { id: aggregates[0]!.id, name: "a", type: aggregates[0]!.call.type, nullable: true },
        ];
        return { kind: "aggregate", ...about(made), input, groups, aggregates };
      }
      case 4:
        if (input.kind === "scan" && input.filters.length === 0 && columns.length > 0 && rng.chance(0.5)) {
          const expression = columnRef(rng.pick(columns));
          const order = [{ expression, descending: rng.chance(0.5), nullsFirst: rng.chance(0.5) }];
          return { kind: "sort", ...about(columns), input, keys: order, inRuns: true };
        }
        return { kind: "sort", ...about(columns), input, keys: keys(columns) };
      case 5:
        return {
          kind: "topN",
          ...about(columns),
          input,
          keys: keys(columns),
          limit: rng.below(9),
          offset: rng.below(9),
        };
      case 6:
        return { kind: "limit", ...about(columns), input, limit: rng.pick([undefined, 0, 10]), offset: rng.below(9) };
      case 7: {
        const made = columns.map(({ type }) => fresh(type));
        const sources = columns.map(({ id }) => id);
        return { kind: "unionAll", ...about(made), inputs: [input], inputColumns: [sources] };
      }
      case 8: {
        const cteId = ids++;
        const body = make(levels - 1, new Map([[cteId, columns]]));
        return { kind: "with", ...about(body.columns), cteId, name: "c", definition: input, body };
      }
      default:
        return { kind: "repeat", ...about(columns), input, count: over(columns, int64) };
    }
  };
  return make(depth, new Map());
};
