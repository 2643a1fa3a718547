-- One statement per line: each parses, prints, and parses again to the same tree.
-- literals
SELECT 1, 1_000, 123456789012345678901234567890, 1.50, .5, 1., 1e10, 1.5E-3, 2e+4
SELECT 'a', '', 'it''s', E'tab\there', E'\x41\u00e9\'x', $$it's$$, $tag$a $$ b$tag$, 'héllo 😀'
SELECT TRUE, false, NULL, x'0aFF', X''
SELECT DATE '1995-01-01', TIMESTAMP '1995-01-01 10:00:00', TIME '10:00:00', TIMESTAMPTZ '2020-01-01', TIMESTAMP WITH TIME ZONE '2020-01-01', UUID 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', INTEGER '5', DECIMAL(5, 2) '1.5', DOUBLE PRECISION '1.5'
SELECT INTERVAL '3' MONTH, INTERVAL '1 year 2 days', INTERVAL 3 MONTH, INTERVAL (1 + 2) DAYS, INTERVAL ('3 days'), INTERVAL (x || ' days'), interval '1' hours
SELECT ?, ? + ?
SELECT $1, $2, $Name
-- names
SELECT a, A, "a b", "say ""hi""", t.a, s.t.a, c.s.t.a, "T"."X", t.select, t."order"
SELECT date, year, month, value, name, first, last, key, format, filter, position, row, time, interval, exists, temp, next, rows, show, zone, materialized FROM t
SELECT 1 AS select, 2 AS "from", 3 x, 4 "y z", 5 AS 'quoted alias', 6 value, 7 date, 8 first
SELECT größe, データ, _x1, a$b FROM straße
-- operators
SELECT a + b - c * d / e // f % g, a ^ b ^ c, a ** b, -a ^ 2, - - a, -(-a), + a, +-a, - 1
SELECT (a + b) * c, a - (b - c), a / (b * c), (a ^ b) ^ c, a ^ (b ^ c), -(a + b), (a || b) || c, a || (b || c)
SELECT a || b + c, a || 'x' LIKE b || '%'
SELECT a = b, a == b, a <> b, a != b, a < b, a <= b, a > b, a >= b
SELECT a AND b AND c OR d AND NOT e OR NOT (f OR g), (a OR b) AND c, a AND (b AND c), (a AND b) AND c, NOT NOT a, NOT a = b, a = NOT b
SELECT a IS NULL, a IS NOT NULL, a ISNULL, a NOTNULL, a NOT NULL, a IS TRUE, a IS NOT FALSE, a IS UNKNOWN, a IS NOT UNKNOWN, a IS NULL IS NOT NULL, NOT a IS NULL, (NOT a) IS NULL, a = b IS NULL, a = (b IS NULL)
SELECT a IS DISTINCT FROM b, a IS NOT DISTINCT FROM b, a IS DISTINCT FROM NULL, (a IS DISTINCT FROM b) IS TRUE, a IS DISTINCT FROM b + 1
SELECT a BETWEEN 1 AND 2, a NOT BETWEEN 1 AND 2 AND b, a BETWEEN SYMMETRIC 2 AND 1, a BETWEEN b + 1 AND c || d, a BETWEEN (b AND c) AND d, (a BETWEEN 1 AND 2) = b
SELECT a IN (1, 2), a NOT IN (1), (a, b) IN ((1, 2), (3, 4)), a IN (SELECT b FROM t), (a, b) NOT IN (SELECT 1, 2), a IN ((SELECT 1)), a IN ((SELECT 1), 2), a IN (VALUES (1), (2)), a IN (1) IN (TRUE)
SELECT a LIKE 'x%', a NOT LIKE 'x', a ILIKE 'x', a NOT ILIKE 'x', a LIKE 'x!%' ESCAPE '!', a ~~ 'x', a !~~ 'x', a ~~* 'x', a !~~* 'x', a ~~ 'x' || 'y', a LIKE 'x' AND b
SELECT a::int, a::decimal(10, 2)::varchar, -a::int, (-a)::int, a + b::double precision, '1'::timestamp with time zone, a::int = b
SELECT ts AT TIME ZONE 'UTC', ts AT TIME ZONE 'UTC' AT TIME ZONE 'CET'
SELECT (a, b), ROW(a), ROW(a, b), (((a)))
-- special forms
SELECT CASE WHEN a THEN 1 WHEN b THEN 2 ELSE 3 END, CASE a WHEN 1 THEN 'x' END, CASE WHEN a THEN CASE b WHEN 2 THEN 3 END END
SELECT CAST(a AS INTEGER), TRY_CAST(a AS DECIMAL(38, 10)), CAST(a AS DOUBLE PRECISION), CAST(a AS TIMESTAMP(3) WITH TIME ZONE), CAST(a AS CHARACTER VARYING(10)), CAST(a AS TIME WITHOUT TIME ZONE)
SELECT EXTRACT(YEAR FROM d), EXTRACT('month' FROM d), extract(epoch from a + b)
SELECT SUBSTRING(a FROM 1 FOR 2), SUBSTRING(a FROM 2), SUBSTRING(a FOR 2), SUBSTRING(a FOR 2 FROM 1), substring(a, 1, 2), POSITION('b' IN a), TRIM(a), TRIM(BOTH 'x' FROM a), TRIM(LEADING FROM a), TRIM(TRAILING 'x' FROM a), trim(a, 'x'), TRIM('x' FROM a)
SELECT count(*), count(), count(DISTINCT a), sum(ALL a), f(), f(1, 2), string_agg(a, ',' ORDER BY b DESC NULLS LAST, c), left(a, 1), right(a, 2), if(a, b, c), coalesce(a, b), date(a), "my func"(1)
SELECT count(*) FILTER (WHERE a > 1), sum(a) FILTER (a > 1) x, percentile_cont(0.5) WITHIN GROUP (ORDER BY a) AS median, sum(DISTINCT a) FILTER (WHERE b)
SELECT current_date, CURRENT_TIMESTAMP, now(), current_date - 1, localtime
SELECT EXISTS (SELECT 1), NOT EXISTS (FROM t), (SELECT 1) + (SELECT 2), ((SELECT 1)), ((SELECT 1) + 2), ((SELECT 1) UNION (SELECT 2)), (((SELECT 1)) + 2), (VALUES (1))
SELECT a = ANY (SELECT 1), a <> ALL (SELECT 2), a < SOME (SELECT 3), (a, b) = ANY (SELECT 1, 2), a = ANY (VALUES (1))
-- SELECT lists
SELECT *, t.*, s.t.*, * EXCLUDE (a), * EXCLUDE a, * REPLACE (a + 1 AS a), * EXCLUDE (a, b) REPLACE (c AS d, e AS f), t.* EXCLUDE (a), * REPLACE a + 1 AS a FROM t
SELECT DISTINCT a, b FROM t
SELECT DISTINCT ON (a, b + 1) c FROM t ORDER BY a
SELECT ALL a FROM t
-- FROM
SELECT 1 FROM t, s.t AS u, c.s.t v, "T" w (a, b), t x(a)
SELECT * FROM 'a.parquet', 'dir/*.parquet' AS p, 'x.csv' q (a, b)
SELECT * FROM read_parquet('a.parquet'), range(10), range(1, 10, 2) AS r(i), generate_series(1, 10) g, read_csv('x', header = true, sep := ';', skip => 1), glob('*')
SELECT * FROM (SELECT 1) AS a, (SELECT 2) b (x), (VALUES (1, 2), (3, 4)) v (x, y), LATERAL (SELECT a.x) l, LATERAL range(a.x) r, (SELECT 3), (FROM t), ((SELECT 1) UNION (SELECT 2)) u
SELECT * FROM VALUES (1), (2) v (a)
SELECT * FROM a JOIN b ON a.x = b.x INNER JOIN c USING (x, y) LEFT JOIN d ON TRUE LEFT OUTER JOIN e ON a.x = e.x RIGHT JOIN f USING (x) FULL OUTER JOIN g ON a.x = g.x CROSS JOIN h
SELECT * FROM a SEMI JOIN b ON a.x = b.x ANTI JOIN c USING (x) NATURAL JOIN d NATURAL LEFT JOIN e NATURAL FULL OUTER JOIN f
SELECT * FROM a JOIN b JOIN c ON b.x = c.x ON a.x = b.x, d CROSS JOIN e
SELECT * FROM (a JOIN b ON a.x = b.x) JOIN c ON TRUE
SELECT * FROM a JOIN (b JOIN c ON b.x = c.x) ON TRUE, ((d CROSS JOIN e)), ((SELECT 1) x CROSS JOIN f)
SELECT * FROM (a CROSS JOIN b) AS x (c, d)
FROM t
FROM t SELECT a, b WHERE a > 1
FROM t SELECT DISTINCT a
FROM t WHERE a > 1 GROUP BY ALL
FROM 'x.parquet' LIMIT 10
-- clauses
SELECT a, count(*) FROM t WHERE b > 1 GROUP BY a, 2, lower(c) HAVING count(*) > 1 ORDER BY 1 DESC, count(*) ASC NULLS FIRST, c NULLS LAST LIMIT 10 OFFSET 5
SELECT a FROM t GROUP BY ALL ORDER BY ALL DESC NULLS LAST
SELECT a FROM t ORDER BY ALL
SELECT a FROM t LIMIT ALL
SELECT a FROM t LIMIT 1 + 1 OFFSET 2 ROWS
SELECT a FROM t OFFSET 1 LIMIT 2
SELECT a FROM t LIMIT (SELECT 1)
SELECT a FROM t LIMIT $1 OFFSET $2
SELECT a FROM t FETCH FIRST 5 ROWS ONLY
SELECT a FROM t OFFSET 1 ROW FETCH NEXT ROW ONLY
SELECT a FROM t LIMIT 5 % 3
-- queries
VALUES (1, 'a'), (2, 'b') ORDER BY 1 LIMIT 1
TABLE t
SELECT 1 UNION SELECT 2 UNION ALL SELECT 3 EXCEPT SELECT 4 INTERSECT ALL SELECT 5
(SELECT 1 UNION SELECT 2) INTERSECT SELECT 3
SELECT 1 UNION DISTINCT (SELECT 2 EXCEPT ALL SELECT 3) ORDER BY 1
(SELECT a FROM t ORDER BY b LIMIT 1) UNION ALL (SELECT c FROM u ORDER BY d LIMIT 1) ORDER BY 1 LIMIT 1
((SELECT 1))
(SELECT 1) LIMIT 1
(SELECT 1 LIMIT 2) LIMIT 1
SELECT 1 INTERSECT SELECT 2 INTERSECT SELECT 3
SELECT 1 UNION (SELECT 2 UNION SELECT 3)
WITH a AS (SELECT 1), b (x, y) AS (VALUES (1, 2)), c AS MATERIALIZED (SELECT 2), d AS NOT MATERIALIZED (SELECT 3) SELECT * FROM a, b
WITH recursive AS (SELECT 1) SELECT 1
WITH a AS (WITH b AS (SELECT 1) SELECT * FROM b) SELECT * FROM a UNION SELECT 2 ORDER BY 1
SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) x
-- statements
EXPLAIN SELECT 1
EXPLAIN ANALYZE SELECT 1
EXPLAIN (FORMAT json) SELECT 1
EXPLAIN (ANALYZE, FORMAT json) SELECT 1
EXPLAIN ANALYZE (FORMAT text) SELECT 1
EXPLAIN (SELECT 1)
DESCRIBE t
DESC s.t
DESCRIBE SELECT 1
DESCRIBE 'x.parquet'
DESCRIBE FROM t
SHOW TABLES
SHOW t
CREATE TABLE t (a INTEGER, b VARCHAR(10) NOT NULL, "c d" DECIMAL(10, 2) NULL, date DATE, e DOUBLE PRECISION NOT NULL, f TIMESTAMP WITH TIME ZONE)
CREATE OR REPLACE TEMP TABLE s.t (a INT)
CREATE TEMPORARY TABLE IF NOT EXISTS t (a INT, b INT)
CREATE TABLE t AS SELECT 1
CREATE OR REPLACE TABLE t AS FROM 'x.parquet'
CREATE TABLE IF NOT EXISTS t (a, b) AS VALUES (1, 2)
CREATE TABLE t (a) AS SELECT 1
DROP TABLE t
DROP TABLE IF EXISTS s.t
INSERT INTO t VALUES (1, 2), (3, 4)
INSERT INTO s.t (a, "b c") SELECT 1, 2
INSERT INTO t (SELECT 1)
INSERT INTO t FROM 'x.parquet'
INSERT INTO t WITH a AS (SELECT 1) SELECT * FROM a
COPY t TO 'x.parquet'
COPY s.t TO 'x.csv' (FORMAT csv, HEADER, DELIMITER '|', ROW_GROUP_SIZE 100000, COMPRESSION zstd, NULL_PADDING false, LEVEL -1)
COPY (SELECT * FROM t ORDER BY 1) TO 'x.parquet' WITH (FORMAT parquet)
