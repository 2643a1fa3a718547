export type TableName = "region" | "nation" | "supplier" | "customer" | "part" | "partsupp" | "orders" | "lineitem";

/** SQL types of the columns: `bigint` is INT64, `integer` INT32, `decimal` DECIMAL(15, 2), `varchar` UTF-8. */
export type ColumnType = "bigint" | "integer" | "decimal" | "date" | "varchar";

export interface ColumnDefinition {
  readonly name: string;
  readonly type: ColumnType;
  /** Whether few distinct values are expected, so that Parquet files use a dictionary. */
  readonly dictionary: boolean;
}

export interface TableDefinition {
  readonly name: TableName;
  readonly columns: readonly ColumnDefinition[];
}

/** `"name type"`, with `!` after the type of a column of few distinct values. */
function table(name: TableName, ...columns: readonly `${string} ${ColumnType}${"" | "!"}`[]): TableDefinition {
  return {
    name,
    columns: columns.map((text) => {
      const [columnName, type] = text.split(" ") as [string, string];
      return {
        name: columnName,
        type: type.replace("!", "") as ColumnType,
        dictionary: type.endsWith("!"),
      };
    }),
  };
}

/** The eight tables of TPC-H (specification clause 1.4), none of whose columns is nullable. */
export const schema: Readonly<Record<TableName, TableDefinition>> = {
  region: table("region", "r_regionkey integer!", "r_name varchar!", "r_comment varchar"),
  nation: table("nation", "n_nationkey integer!", "n_name varchar!", "n_regionkey integer!", "n_comment varchar"),
  supplier: table(
    "supplier",
    "s_suppkey bigint",
    "s_name varchar",
    "s_address varchar",
    "s_nationkey integer!",
    "s_phone varchar",
    "s_acctbal decimal",
    "s_comment varchar",
  ),
  customer: table(
    "customer",
    "c_custkey bigint",
    "c_name varchar",
    "c_address varchar",
    "c_nationkey integer!",
    "c_phone varchar",
    "c_acctbal decimal",
    "c_mktsegment varchar!",
    "c_comment varchar",
  ),
  part: table(
    "part",
    "p_partkey bigint",
    "p_name varchar",
    "p_mfgr varchar!",
    "p_brand varchar!",
    "p_type varchar!",
    "p_size integer!",
    "p_container varchar!",
    "p_retailprice decimal",
    "p_comment varchar",
  ),
  partsupp: table(
    "partsupp",
    "ps_partkey bigint",
    "ps_suppkey bigint!",
    "ps_availqty bigint!",
    "ps_supplycost decimal",
    "ps_comment varchar",
  ),
  orders: table(
    "orders",
    "o_orderkey bigint",
    "o_custkey bigint",
    "o_orderstatus varchar!",
    "o_totalprice decimal",
    "o_orderdate date!",
    "o_orderpriority varchar!",
    "o_clerk varchar!",
    "o_shippriority integer!",
    "o_comment varchar",
  ),
  lineitem: table(
    "lineitem",
    "l_orderkey bigint",
    "l_partkey bigint",
    "l_suppkey bigint!",
    "l_linenumber bigint!",
    "l_quantity decimal!",
    "l_extendedprice decimal",
    "l_discount decimal!",
    "l_tax decimal!",
    "l_returnflag varchar!",
    "l_linestatus varchar!",
    "l_shipdate date!",
    "l_commitdate date!",
    "l_receiptdate date!",
    "l_shipinstruct varchar!",
    "l_shipmode varchar!",
    "l_comment varchar",
  ),
};

export const tableNames = Object.keys(schema) as readonly TableName[];
