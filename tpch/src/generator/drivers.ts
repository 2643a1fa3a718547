import type { RowRange, Scale } from "../scale.ts";
import type { TableName } from "../schema.ts";
import { SUPPLIERS_PER_PART } from "./keys.ts";
import type { Source, TableBatch } from "./source.ts";
import { generateCustomer } from "./tables/customer.ts";
import { generateNation } from "./tables/nation.ts";
import { countLines, generateOrders } from "./tables/orders.ts";
import { generatePart } from "./tables/part.ts";
import { generateRegion } from "./tables/region.ts";
import { generateSupplier } from "./tables/supplier.ts";
import { nations, regions } from "./word-lists.ts";

/** The tables with a generator of their own; partsupp comes with part, and lineitem with orders. */
export type DriverName = Exclude<TableName, "partsupp" | "lineitem">;

/** How a driver table is generated, and which tables come with it. */
export interface Driver {
  readonly name: DriverName;
  /** The driver table first. */
  readonly tables: readonly TableName[];
  rowCount(scale: Scale): number;
  /** How many rows a slice of the driver table gives one of its tables. */
  rowsIn(table: TableName, range: RowRange): number;
  /** Whether the table has the same few rows at every scale factor and is generated whole. */
  readonly fixed: boolean;
  /** Rows of the driver table in a shard, at most. */
  readonly rowsPerShard: number;
  /** Rows of all its tables for one row of the driver table, about: the unit of progress. */
  readonly weight: number;
  generate(source: Source): Generator<TableBatch>;
}

/**
 * 244,000 orders have 976,000 lines, give or take 4,000, which is always under eight row groups of 122,880.
 */
const ORDERS_PER_SHARD = 244_000;

/** 245,760 parts have 983,040 rows in partsupp, eight row groups of 122,880. */
const PARTS_PER_SHARD = 245_760;

const rowsOfRange = (_table: TableName, range: RowRange): number => range.end - range.first;

export const drivers: readonly Driver[] = [
  {
    name: "region",
    tables: ["region"],
    fixed: true,
    rowCount: () => regions.words.length,
    rowsIn: rowsOfRange,
    rowsPerShard: regions.words.length,
    weight: 1,
    generate: generateRegion,
  },
  {
    name: "nation",
    tables: ["nation"],
    fixed: true,
    rowCount: () => nations.length,
    rowsIn: rowsOfRange,
    rowsPerShard: nations.length,
    weight: 1,
    generate: generateNation,
  },
  {
    name: "supplier",
    tables: ["supplier"],
    fixed: false,
    rowCount: (scale) => scale.suppliers,
    rowsIn: rowsOfRange,
    rowsPerShard: 491_520,
    weight: 1,
    generate: generateSupplier,
  },
  {
    name: "customer",
    tables: ["customer"],
    fixed: false,
    rowCount: (scale) => scale.customers,
    rowsIn: rowsOfRange,
    rowsPerShard: 491_520,
    weight: 1,
    generate: generateCustomer,
  },
  {
    name: "part",
    tables: ["part", "partsupp"],
    fixed: false,
    rowCount: (scale) => scale.parts,
    rowsIn: (table, range) => rowsOfRange(table, range) * (table === "partsupp" ? SUPPLIERS_PER_PART : 1),
    rowsPerShard: PARTS_PER_SHARD,
    weight: 5,
    generate: generatePart,
  },
  {
    name: "orders",
    tables: ["orders", "lineitem"],
    fixed: false,
    rowCount: (scale) => scale.orders,
    rowsIn: (table, range) => (table === "lineitem" ? countLines(range) : rowsOfRange(table, range)),
    rowsPerShard: ORDERS_PER_SHARD,
    weight: 5,
    generate: generateOrders,
  },
];

export function driverOf(name: DriverName): Driver {
  return drivers.find((driver) => driver.name === name)!;
}
