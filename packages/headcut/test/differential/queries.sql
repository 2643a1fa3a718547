-- Queries over the TPC-H tables, each answered by DuckDB and by us on the same files. One per paragraph.
-- "ordered" as the first comment of a paragraph: rows must come in the same order.

SELECT count(*) FROM lineitem

SELECT count(*), count(l_comment), sum(l_quantity), avg(l_discount), min(l_shipdate), max(l_shipdate), min(l_comment), max(l_comment) FROM lineitem

SELECT sum(l_extendedprice * l_discount) FROM lineitem WHERE l_shipdate >= DATE '1994-01-01' AND l_shipdate < DATE '1995-01-01' AND l_discount BETWEEN 0.05 AND 0.07 AND l_quantity < 24

SELECT l_returnflag, l_linestatus, count(*), sum(l_quantity), avg(l_extendedprice) FROM lineitem GROUP BY l_returnflag, l_linestatus

SELECT l_orderkey, sum(l_quantity) FROM lineitem GROUP BY l_orderkey HAVING sum(l_quantity) > 250

SELECT l_partkey, l_suppkey, count(*), max(l_shipdate) FROM lineitem WHERE l_partkey < 100 GROUP BY l_partkey, l_suppkey

SELECT l_shipmode, l_shipinstruct, count(*) AS n, sum(l_tax) FROM lineitem GROUP BY ALL

-- ordered
SELECT l_orderkey, l_linenumber, l_extendedprice FROM lineitem ORDER BY l_extendedprice DESC, l_orderkey, l_linenumber LIMIT 10

-- ordered
SELECT l_orderkey, l_linenumber FROM lineitem ORDER BY l_shipdate, l_orderkey, l_linenumber LIMIT 20 OFFSET 100

-- ordered
SELECT o_orderkey, o_comment FROM orders ORDER BY o_comment, o_orderkey LIMIT 25

-- ordered
SELECT c_name, c_acctbal FROM customer ORDER BY c_acctbal DESC, c_name

-- ordered
SELECT n_name, r_name FROM nation, region WHERE n_regionkey = r_regionkey ORDER BY r_name DESC, n_name

SELECT count(*) FROM lineitem WHERE l_comment LIKE '%special%requests%'

SELECT count(*) FROM orders WHERE o_comment NOT LIKE '%special%requests%'

SELECT count(*) FROM part WHERE p_name LIKE 'forest%' OR p_name LIKE '%green'

SELECT count(*) FROM part WHERE p_type LIKE '%BRASS' AND p_size IN (1, 5, 15, 49)

SELECT count(*) FROM part WHERE p_container NOT IN ('SM BOX', 'LG CASE') AND p_brand <> 'Brand#45'

SELECT count(*) FROM lineitem WHERE l_shipmode IN ('MAIL', 'SHIP') AND l_commitdate < l_receiptdate AND l_shipdate < l_commitdate

SELECT count(*) FROM lineitem WHERE l_shipdate > l_commitdate OR l_quantity = 1 OR l_tax = 0.08

SELECT count(*) FROM lineitem WHERE NOT (l_quantity > 10 AND l_discount > 0.05)

SELECT year(o_orderdate) AS y, quarter(o_orderdate) AS q, count(*), sum(o_totalprice) FROM orders GROUP BY y, q

SELECT extract(month FROM o_orderdate) AS m, o_orderpriority, count(*) FROM orders GROUP BY m, o_orderpriority

SELECT date_trunc('month', o_orderdate) AS m, count(*) FROM orders WHERE o_orderdate < DATE '1993-01-01' GROUP BY m

SELECT o_orderdate + INTERVAL '3' month AS d, count(*) FROM orders WHERE o_orderkey < 1000 GROUP BY d

SELECT substring(c_phone FROM 1 FOR 2) AS code, count(*), sum(c_acctbal) FROM customer GROUP BY code

SELECT upper(c_mktsegment) || '-' || lower(c_mktsegment) AS s, count(*) FROM customer GROUP BY s

SELECT length(p_name) AS n, count(*) FROM part GROUP BY n

SELECT p_brand, p_type, p_size, count(*) FROM part GROUP BY p_brand, p_type, p_size HAVING count(*) > 2

SELECT count(DISTINCT l_suppkey), count(DISTINCT l_shipmode), count(*) FROM lineitem

SELECT l_shipmode, count(DISTINCT l_partkey), sum(DISTINCT l_linenumber), count(*) FROM lineitem GROUP BY l_shipmode

SELECT DISTINCT l_returnflag, l_linestatus, l_shipmode FROM lineitem

SELECT count(*) FROM (SELECT DISTINCT l_partkey, l_suppkey FROM lineitem)

SELECT c_mktsegment, count(*) FILTER (WHERE c_acctbal > 0), sum(c_acctbal) FILTER (WHERE c_nationkey = 3) FROM customer GROUP BY c_mktsegment

SELECT stddev(l_quantity), var_pop(l_extendedprice), median(l_quantity) FROM lineitem

SELECT l_linenumber, stddev_samp(l_discount), median(l_extendedprice) FROM lineitem GROUP BY l_linenumber

SELECT min(c_name), max(c_name), min(c_acctbal), max(c_acctbal), any_value(1) FROM customer

SELECT bool_and(l_quantity > 0), bool_or(l_discount > 0.09) FROM lineitem

SELECT count(*), sum(o_totalprice) FROM customer JOIN orders ON c_custkey = o_custkey

SELECT c_mktsegment, count(*), sum(l_extendedprice * (1 - l_discount)) FROM customer, orders, lineitem WHERE c_custkey = o_custkey AND l_orderkey = o_orderkey GROUP BY c_mktsegment

SELECT n_name, count(*) FROM supplier, nation WHERE s_nationkey = n_nationkey GROUP BY n_name

SELECT r_name, n_name, count(DISTINCT s_suppkey) FROM region JOIN nation ON r_regionkey = n_regionkey LEFT JOIN supplier ON s_nationkey = n_nationkey GROUP BY r_name, n_name

SELECT count(*), count(o_orderkey), sum(o_totalprice) FROM customer LEFT JOIN orders ON c_custkey = o_custkey

SELECT count(*), count(c_custkey) FROM orders RIGHT JOIN customer ON c_custkey = o_custkey AND o_totalprice > 200000

SELECT count(*), count(s_suppkey), count(c_custkey) FROM supplier FULL JOIN customer ON s_suppkey = c_custkey

SELECT count(*) FROM customer c1, customer c2 WHERE c1.c_nationkey = c2.c_nationkey AND c1.c_acctbal < c2.c_acctbal

SELECT count(*) FROM supplier s, nation n WHERE s.s_nationkey < n.n_nationkey

SELECT count(*) FROM part, supplier WHERE p_size = s_nationkey AND p_retailprice > s_acctbal

SELECT c_custkey, c_name FROM customer WHERE c_custkey NOT IN (SELECT o_custkey FROM orders) AND c_nationkey = 1

SELECT count(*) FROM customer WHERE EXISTS (SELECT 1 FROM orders WHERE o_custkey = c_custkey AND o_orderstatus = 'F')

SELECT count(*) FROM customer WHERE NOT EXISTS (SELECT 1 FROM orders WHERE o_custkey = c_custkey AND o_totalprice > c_acctbal * 30)

SELECT count(*) FROM orders WHERE o_totalprice > (SELECT avg(o_totalprice) FROM orders)

SELECT count(*) FROM lineitem l WHERE l_quantity < (SELECT 0.5 * avg(l_quantity) FROM lineitem x WHERE x.l_partkey = l.l_partkey)

SELECT count(*) FROM part p WHERE p_retailprice = (SELECT max(p_retailprice) FROM part q WHERE q.p_brand = p.p_brand)

SELECT c_nationkey, (SELECT count(*) FROM supplier WHERE s_nationkey = c_nationkey) AS suppliers, count(*) FROM customer GROUP BY c_nationkey

SELECT n_name, (SELECT max(s_acctbal) FROM supplier WHERE s_nationkey = n_nationkey) FROM nation

SELECT n_name, (SELECT count(*) FROM supplier, customer WHERE s_nationkey = n_nationkey AND c_nationkey = n_nationkey AND s_acctbal > c_acctbal) FROM nation

SELECT count(*) FROM orders WHERE o_orderkey IN (SELECT l_orderkey FROM lineitem WHERE l_quantity > 49)

SELECT count(*) FROM orders WHERE o_orderpriority = ANY (SELECT o_orderpriority FROM orders WHERE o_orderkey < 5)

SELECT count(*) FROM part WHERE p_retailprice >= ALL (SELECT ps_supplycost FROM partsupp)

WITH big AS (SELECT o_custkey, sum(o_totalprice) AS total FROM orders GROUP BY o_custkey) SELECT count(*), max(total) FROM big WHERE total > (SELECT avg(total) FROM big)

WITH a AS (SELECT n_regionkey AS r, count(*) AS n FROM nation GROUP BY r) SELECT x.r, y.r, x.n + y.n FROM a x, a y WHERE x.r < y.r

SELECT l_shipmode FROM lineitem UNION SELECT o_orderpriority FROM orders

SELECT c_nationkey FROM customer INTERSECT SELECT s_nationkey FROM supplier

SELECT p_partkey FROM part EXCEPT SELECT l_partkey FROM lineitem WHERE l_quantity > 10

SELECT l_linenumber FROM lineitem WHERE l_orderkey < 100 EXCEPT ALL SELECT l_linenumber FROM lineitem WHERE l_orderkey < 50

SELECT count(*), sum(k) FROM (SELECT o_custkey AS k FROM orders UNION ALL SELECT c_custkey FROM customer)

SELECT CASE WHEN l_quantity < 10 THEN 'small' WHEN l_quantity < 30 THEN 'medium' ELSE 'large' END AS size, count(*), sum(l_extendedprice) FROM lineitem GROUP BY size

SELECT sum(CASE WHEN p_type LIKE 'PROMO%' THEN l_extendedprice * (1 - l_discount) ELSE 0 END) / sum(l_extendedprice * (1 - l_discount)) FROM lineitem, part WHERE l_partkey = p_partkey

SELECT coalesce(nullif(c_mktsegment, 'BUILDING'), 'none') AS s, count(*) FROM customer GROUP BY s

SELECT l_quantity::INTEGER % 7 AS m, count(*), sum(l_quantity::DOUBLE / 3) FROM lineitem GROUP BY m

SELECT round(l_extendedprice / l_quantity, 1) AS r, count(*) FROM lineitem WHERE l_orderkey < 200 GROUP BY r

SELECT l_extendedprice * l_discount * l_tax, l_extendedprice / 7, l_extendedprice - l_quantity FROM lineitem WHERE l_orderkey < 50

SELECT (l_quantity * 100)::BIGINT // 7, l_orderkey % 5, -l_linenumber, abs(l_linenumber - 4) FROM lineitem WHERE l_orderkey < 50

SELECT l_shipdate - l_commitdate AS d, count(*) FROM lineitem GROUP BY d HAVING count(*) > 500

SELECT l_shipdate::VARCHAR, l_quantity::VARCHAR, l_orderkey::VARCHAR FROM lineitem WHERE l_orderkey < 10

SELECT s_name, s_address, replace(s_phone, '-', '.'), trim(s_comment), split_part(s_phone, '-', 2) FROM supplier WHERE s_suppkey <= 20

SELECT lpad(c_custkey::VARCHAR, 8, '0'), rpad(c_mktsegment, 12, '*'), left(c_name, 4), right(c_phone, 4), reverse(c_mktsegment) FROM customer WHERE c_custkey < 20

SELECT greatest(p_size, 25), least(p_size, 25), p_size BETWEEN 10 AND 20, p_size FROM part WHERE p_partkey < 100

SELECT p_name, strpos(p_name, 'a'), contains(p_name, 'green'), starts_with(p_name, 'l'), concat(p_mfgr, '/', p_brand) FROM part WHERE p_partkey < 50

SELECT o_orderdate, dayofweek(o_orderdate), dayofyear(o_orderdate), week(o_orderdate), last_day(o_orderdate) FROM orders WHERE o_orderkey < 200

SELECT count(*) FROM orders, lineitem WHERE o_orderkey = l_orderkey AND o_orderdate + INTERVAL '90 days' < l_shipdate

SELECT o_orderstatus, string_agg(DISTINCT o_orderpriority, ',' ORDER BY o_orderpriority) FROM orders GROUP BY o_orderstatus

SELECT count(*) FROM lineitem WHERE l_orderkey = 7

SELECT * FROM lineitem WHERE l_orderkey IN (1, 3, 33, 59999) AND l_linenumber <= 2

SELECT * FROM orders WHERE o_orderkey > 59990

SELECT * FROM orders WHERE o_orderkey < 0

SELECT count(*), sum(o_totalprice), min(o_comment) FROM orders WHERE o_orderkey < 0

SELECT o_orderpriority, count(*) FROM orders WHERE o_orderkey < 0 GROUP BY o_orderpriority

SELECT * FROM nation LEFT JOIN (SELECT * FROM supplier WHERE s_suppkey < 0) s ON s_nationkey = n_nationkey WHERE n_nationkey < 3

-- ordered
SELECT l_returnflag, sum(l_extendedprice) AS s FROM lineitem GROUP BY l_returnflag ORDER BY s DESC

-- ordered
SELECT o_custkey, count(*) AS n, sum(o_totalprice) AS t FROM orders GROUP BY o_custkey ORDER BY n DESC, t DESC, o_custkey LIMIT 15

-- ordered
SELECT DISTINCT p_size FROM part ORDER BY p_size DESC LIMIT 10

-- ordered
SELECT s_name FROM supplier ORDER BY s_acctbal * -1, s_name LIMIT 7

SELECT l1.l_orderkey, count(*) FROM lineitem l1, lineitem l2 WHERE l1.l_orderkey = l2.l_orderkey AND l1.l_suppkey <> l2.l_suppkey AND l1.l_orderkey < 300 GROUP BY l1.l_orderkey

SELECT ps_partkey, sum(ps_supplycost * ps_availqty) AS v FROM partsupp GROUP BY ps_partkey HAVING sum(ps_supplycost * ps_availqty) > (SELECT sum(ps_supplycost * ps_availqty) * 0.002 FROM partsupp)

SELECT s_suppkey, count(*) FROM supplier JOIN partsupp ON s_suppkey = ps_suppkey JOIN part ON p_partkey = ps_partkey WHERE p_size > 40 AND s_acctbal > 0 GROUP BY s_suppkey

SELECT n1.n_name, n2.n_name, count(*) FROM nation n1, nation n2, supplier, customer WHERE s_nationkey = n1.n_nationkey AND c_nationkey = n2.n_nationkey AND ((n1.n_name = 'FRANCE' AND n2.n_name = 'GERMANY') OR (n1.n_name = 'GERMANY' AND n2.n_name = 'FRANCE')) GROUP BY n1.n_name, n2.n_name

SELECT count(*) FROM (SELECT l_orderkey FROM lineitem LIMIT 1000)

SELECT count(*) FROM (SELECT l_orderkey FROM lineitem WHERE l_quantity > 40 LIMIT 5000 OFFSET 100)

SELECT a.k, a.n, b.n FROM (SELECT l_linenumber AS k, count(*) AS n FROM lineitem GROUP BY k) a FULL JOIN (SELECT p_size AS k, count(*) AS n FROM part GROUP BY k) b ON a.k = b.k

SELECT x.c_mktsegment, y.top FROM (SELECT DISTINCT c_mktsegment FROM customer) x, LATERAL (SELECT max(c_acctbal) AS top FROM customer c WHERE c.c_mktsegment = x.c_mktsegment) y

SELECT sum(l_quantity * l_extendedprice * l_discount), sum(l_quantity) * sum(l_tax), avg(l_quantity) * 2 FROM lineitem

SELECT count(*) FROM lineitem WHERE l_extendedprice::DOUBLE > 50000.5 AND l_quantity::BIGINT IN (10, 20, 30, 40)

SELECT o_orderkey % 10 AS g, sum(o_totalprice), min(o_orderdate), max(o_clerk), count(DISTINCT o_custkey), avg(o_shippriority) FROM orders GROUP BY g

SELECT count(*) FROM customer WHERE c_phone > '20' AND c_phone < '25-5' AND c_name >= 'Customer#000000500'

SELECT sum(x) FROM (SELECT sum(l_quantity) AS x FROM lineitem GROUP BY l_suppkey HAVING count(*) > 500)

SELECT count(*) FROM lineitem JOIN partsupp ON l_partkey = ps_partkey AND l_suppkey = ps_suppkey WHERE ps_availqty < 1000

SELECT c_custkey, x.n FROM customer LEFT JOIN (SELECT o_custkey, count(*) AS n FROM orders GROUP BY o_custkey) x ON x.o_custkey = c_custkey WHERE c_custkey < 30

SELECT sum(l_extendedprice), count(*) FROM lineitem l, part WHERE p_partkey = l_partkey AND p_brand = 'Brand#23' AND l_quantity < (SELECT 0.9 * avg(l_quantity) FROM lineitem x WHERE x.l_partkey = p_partkey)

SELECT count(*), sum(l_tax) FROM lineitem l JOIN part ON p_partkey = l_partkey AND p_size = 3 JOIN (SELECT l_partkey AS k, max(l_shipdate) AS latest, count(*) AS n FROM lineitem GROUP BY 1) g ON g.k = p_partkey AND l.l_shipdate = g.latest

SELECT count(*), max(l_orderkey) FROM lineitem l LEFT JOIN part ON p_partkey = l_partkey AND p_size = 3 LEFT JOIN (SELECT l_partkey AS k, max(l_shipdate) AS latest FROM lineitem GROUP BY 1) g ON g.k = p_partkey WHERE latest IS NULL OR l_shipdate = latest

SELECT substring(c_phone, 1, 2) AS country, count(*), sum(c_acctbal) FROM customer WHERE substring(c_phone, 1, 2) IN ('13', '31', '23') AND c_acctbal > (SELECT avg(c_acctbal) FROM customer WHERE c_acctbal > 0 AND substring(c_phone, 1, 2) IN ('23', '13', '31')) GROUP BY 1

SELECT count(*) FROM (SELECT l_orderkey FROM lineitem WHERE l_comment LIKE '%quick%' AND l_tax > 0.02) a JOIN (SELECT l_orderkey FROM lineitem WHERE l_comment LIKE '%quick%' AND l_discount > 0.02) b ON a.l_orderkey = b.l_orderkey JOIN (SELECT l_orderkey FROM lineitem WHERE l_comment LIKE '%quick%') c ON a.l_orderkey = c.l_orderkey
