import type { Scale } from "../scale.ts";
import type { TableName } from "../schema.ts";
import type { Source, TableBatch } from "./source.ts";
import { generateCustomer } from "./tables/customer.ts";
import { generateNation } from "./tables/nation.ts";
import { generateOrders } from "./tables/orders.ts";
import { generatePart } from "./tables/part.ts";
import { generateRegion } from "./tables/region.ts";
import { generateSupplier } from "./tables/supplier.ts";

/** The tables with a generator of their own; partsupp comes with part, and lineitem with orders. */
export type DriverName = Exclude<TableName, "partsupp" | "lineitem">;

/** How a driver table is generated, and which tables come with it. */
export interface Driver {
  readonly name: DriverName;
  readonly tables: readonly TableName[];
  rowCount(scale: Scale): number;
  /** Rows of a shard at most. */
  readonly rowsPerShard: number;
  generate(source: Source): Generator<TableBatch>;
}

/**
 * 244,000 orders have 976,000 lines, give or take 4,000, which is always under eight row groups of 122,880.
 */
const ORDERS_PER_SHARD = 244_000;

/** 245,760 parts have 983,040 rows in partsupp, eight row groups of 122,880. */
const PARTS_PER_SHARD = 245_760;

export const drivers: readonly Driver[] = [
  {
    name: "region",
    tables: ["region"],
    rowCount: () => 1,
    rowsPerShard: 1,
    generate: generateRegion,
  },
  {
    name: "nation",
    tables: ["nation"],
    rowCount: () => 1,
    rowsPerShard: 1,
    generate: generateNation,
  },
  {
    name: "supplier",
    tables: ["supplier"],
    rowCount: (scale) => scale.suppliers,
    rowsPerShard: 491_520,
    generate: generateSupplier,
  },
  {
    name: "customer",
    tables: ["customer"],
    rowCount: (scale) => scale.customers,
    rowsPerShard: 491_520,
    generate: generateCustomer,
  },
  {
    name: "part",
    tables: ["part", "partsupp"],
    rowCount: (scale) => scale.parts,
    rowsPerShard: PARTS_PER_SHARD,
    generate: generatePart,
  },
  {
    name: "orders",
    tables: ["orders", "lineitem"],
    rowCount: (scale) => scale.orders,
    rowsPerShard: ORDERS_PER_SHARD,
    generate: generateOrders,
  },
];
