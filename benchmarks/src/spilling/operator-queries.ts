/** Queries over TPC-H's tables of one large operator each, whose answers are a row. */
export const operatorQueries: Readonly<Record<string, string>> = {
  sort: "SELECT l_orderkey, l_linenumber, l_comment FROM lineitem ORDER BY l_extendedprice, l_orderkey, l_linenumber LIMIT 1 OFFSET 3000000",
  aggregate:
    "SELECT count(*), max(n), sum(s) FROM (SELECT l_partkey, l_suppkey, count(*) AS n, sum(l_quantity) AS s FROM lineitem GROUP BY ALL)",
  distinct: "SELECT count(*) FROM (SELECT DISTINCT l_comment FROM lineitem)",
  join: "SELECT count(*), sum(l_quantity), max(o_comment) FROM lineitem JOIN orders ON l_orderkey = o_orderkey AND l_shipdate > o_orderdate",
  "join of strings":
    "SELECT count(*), max(a.l_comment), max(b.l_comment) FROM lineitem a JOIN lineitem b ON a.l_orderkey = b.l_orderkey AND a.l_linenumber = b.l_linenumber",
  "semi join":
    "SELECT count(*) FROM orders WHERE EXISTS (SELECT 1 FROM lineitem WHERE l_orderkey = o_orderkey AND l_comment > o_comment)",
  with: "WITH t AS (SELECT l_orderkey AS k, l_comment AS c, sum(l_quantity) AS q FROM lineitem GROUP BY 1, 2) SELECT count(*), max(a.c) FROM t a JOIN t b ON a.k = b.k AND a.c < b.c",
};
