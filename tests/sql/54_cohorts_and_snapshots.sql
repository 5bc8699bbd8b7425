-- Cohorts and two periods against plain SQL over the orders; snapshots of a view in a table, what they replace and refuse;
-- rights, bad input.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

CREATE SCHEMA shop;
CREATE TABLE shop.customers AS
SELECT i::bigint AS id, (ARRAY['North', 'South', NULL])[1 + i % 3] AS region FROM generate_series(1, 650) AS i;
CREATE TABLE shop.orders AS
SELECT customer_id AS customer, ordered_at AS at, amount AS total FROM simulate_orders(600, 700, 5);
-- after as_of; several on a day; the last moment of a month
INSERT INTO shop.orders VALUES (7, '2025-12-24', 70.01), (601, '2025-12-24', 20),
    (602, '2025-06-30 23:59:59', 5), (602, '2025-06-30 08:00', 6), (602, '2025-07-01 00:00', 7);
SELECT create_segmentation('shop.seg', 'shop.orders', 'customer', 'at', 'total', '{
    "as_of": "2025-11-15", "customers": {"source": "shop.customers", "customer": "id", "columns": ["region"]}
}');
SELECT create_segmentation('shop.kept', 'shop.orders', 'customer', 'at', 'total', '{"as_of": "2025-11-15", "keep": true}');
SELECT FROM refresh_segmentation('shop.kept');
CREATE VIEW shop.bought AS
SELECT customer, at::date AS day, total FROM shop.orders WHERE at < '2025-11-16';

-- cohorts -------------------------------------------------------------------------------------------------------------

-- the same by date_trunc and generate_series, for each label, and over kept histories
PREPARE cohorts(text, interval, text) AS
WITH member AS (
    SELECT b.customer, date_trunc($1, min(b.day))::date AS cohort FROM shop.bought AS b GROUP BY 1
), cohort AS (
    SELECT m.cohort, count(*) AS size FROM member AS m GROUP BY 1
), period AS (
    SELECT c.cohort, c.size, p.number, (c.cohort + (p.number - 1) * $2)::date AS "from",
           (c.cohort + p.number * $2)::date - 1 AS "to"
    FROM cohort AS c
    CROSS JOIN LATERAL generate_series(c.cohort, date '2025-11-15', $2) WITH ORDINALITY AS p (day, number)
), plain AS (
    SELECT p.cohort, (p.number - 1)::int AS number, p."from", p."to", p."to" <= '2025-11-15' AS complete, p.size,
           count(DISTINCT b.customer) AS customers, count(b.customer) AS orders, coalesce(sum(b.total), 0) AS revenue
    FROM period AS p
    LEFT JOIN (shop.bought AS b JOIN member AS m USING (customer))
        ON m.cohort = p.cohort AND b.day BETWEEN p."from" AND p."to"
    GROUP BY 1, 2, 3, 4, 5, 6
), shown AS (
    SELECT p.*, round(customers / size::numeric, 4)::float8, round(revenue / size, 2)::float8, sum(revenue) OVER w,
           round(sum(revenue) OVER w / size, 2)::float8
    FROM plain AS p WINDOW w AS (PARTITION BY cohort ORDER BY number)
), ours AS (
    SELECT cohort, period, period_from, period_to, is_complete, cohort_customers, customers, orders, revenue,
           customer_share, revenue_per_customer, cumulative_revenue, cumulative_revenue_per_customer
    FROM segment_cohorts($3, $2)
)
SELECT (SELECT count(*) FROM ours) AS rows, (SELECT count(*) FROM (TABLE shown EXCEPT ALL TABLE ours) AS d) AS missing,
       (SELECT count(*) FROM (TABLE ours EXCEPT ALL TABLE shown) AS d) AS more,
       (SELECT sum(revenue) FROM ours) - (SELECT sum(total) FROM shop.bought) AS difference,
       (SELECT sum(orders) FROM ours) - (SELECT count(*) FROM shop.bought) AS orders;
EXECUTE cohorts('month', '1 month', 'shop.seg');
EXECUTE cohorts('month', '1 month', 'shop.kept');
EXECUTE cohorts('quarter', '3 months', 'shop.seg');
EXECUTE cohorts('year', '1 year', 'shop.seg');
EXECUTE cohorts('week', '7 days', 'shop.seg');
SELECT * FROM segment_cohorts('shop.seg') WHERE cohort = '2025-09-01';

-- by a column: each value by itself
SELECT sum(cohort_customers) FILTER (WHERE period = 0) AS customers,
       sum(revenue) = (SELECT sum(total) FROM shop.bought) AS revenue, count(DISTINCT segment) AS regions
FROM segment_cohorts('shop.seg', by => 'region');
SELECT s.segment, s.customers, s.orders, s.revenue, (p.customers, p.orders, p.revenue) = (s.customers, s.orders, s.revenue) AS same
FROM segment_cohorts('shop.seg', by => 'region') AS s
CROSS JOIN LATERAL (
    SELECT count(DISTINCT b.customer) AS customers, count(*) AS orders, coalesce(sum(b.total), 0) AS revenue
    FROM shop.bought AS b LEFT JOIN shop.customers AS c ON c.id = b.customer
    WHERE b.day BETWEEN '2025-03-01' AND '2025-03-31' AND c.region IS NOT DISTINCT FROM s.segment
      AND (SELECT min(f.day) FROM shop.bought AS f WHERE f.customer = b.customer) BETWEEN '2025-01-01' AND '2025-01-31'
) AS p
WHERE s.cohort = '2025-01-01' AND s.period = 2 ORDER BY 1;
-- labels by rank
SELECT string_agg(segment, ', ' ORDER BY place)
FROM (SELECT segment, min(place) AS place
      FROM segment_cohorts('shop.seg', '1 year', 'rfm_segment') WITH ORDINALITY
          AS s (segment, a, b, c, d, e, f, g, h, i, j, k, l, m, place)
      GROUP BY 1) AS s;

-- two periods ---------------------------------------------------------------------------------------------------------

PREPARE periods(date, date, date, date, text) AS
WITH customer AS (
    SELECT b.customer, min(b.day) AS first, count(*) FILTER (WHERE b.day BETWEEN $3 AND $4) AS before,
           count(*) FILTER (WHERE b.day BETWEEN $1 AND $2) AS after,
           coalesce(sum(b.total) FILTER (WHERE b.day BETWEEN $3 AND $4), 0) AS revenue_before,
           coalesce(sum(b.total) FILTER (WHERE b.day BETWEEN $1 AND $2), 0) AS revenue
    FROM shop.bought AS b WHERE b.day <= $2 GROUP BY 1
), plain AS (
    SELECT CASE WHEN first >= $1 THEN 'new' WHEN before > 0 AND after > 0 THEN 'repeating'
                WHEN before > 0 THEN 'lapsed' WHEN after > 0 THEN 'returned' ELSE 'absent' END AS code,
           count(*), sum(before), sum(after), sum(revenue_before), sum(revenue) FROM customer GROUP BY 1
)
SELECT o.status, o.customers, o.customer_share, o.orders_before, o.orders, o.revenue_before, o.revenue, o.revenue_change,
       (o.customers, o.orders_before, o.orders, o.revenue_before, o.revenue)
       = (coalesce(p.count, 0), coalesce(p.sum, 0), coalesce(p.sum_1, 0), coalesce(p.sum_2, 0), coalesce(p.sum_3, 0)) AS same
FROM compare_periods($5, $1, $2, $3, $4) AS o
FULL JOIN plain AS p (code, count, sum, sum_1, sum_2, sum_3) USING (code);
EXECUTE periods('2025-07-01', '2025-09-30', '2025-04-01', '2025-06-30', 'shop.seg');
EXECUTE periods('2025-07-01', '2025-09-30', '2025-04-01', '2025-06-30', 'shop.kept');
EXECUTE periods('2025-11-15', '2025-11-15', '2024-11-15', '2024-11-15', 'shop.seg');
-- by label: labels add up
SELECT code, sum(customers), sum(revenue_before), sum(revenue)
FROM compare_periods('shop.seg', '2025-07-01', '2025-09-30', by => 'region') GROUP BY 1
EXCEPT SELECT code, customers, revenue_before, revenue FROM compare_periods('shop.seg', '2025-07-01', '2025-09-30');
SELECT count(*), count(DISTINCT segment) FROM compare_periods('shop.seg', '2025-07-01', '2025-09-30', by => 'rfm_segment');
-- which periods are meant: months for months, days for days
SET client_min_messages = notice;
SELECT count(*) FROM compare_periods('shop.seg');
SELECT count(*) FROM compare_periods('shop.seg', '2025-07-01', '2025-09-30');
SELECT count(*) FROM compare_periods('shop.seg', '2025-03-01', '2025-03-31');
SELECT count(*) FROM compare_periods('shop.seg', '2025-03-02', '2025-03-31');
SELECT count(*) FROM compare_periods('shop.seg', '2025-03-01', '2025-03-31', before_to => '2024-03-31');
SELECT count(*) FROM compare_periods('shop.seg', '2025-03-01', '2025-03-31', before_to => '2024-03-30');
SET client_min_messages = warning;
