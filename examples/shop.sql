-- A shop to point a BI tool at, with orders up to today: a segmentation over it, a snapshot of each of the last twelve months
-- and of today, a role that reads. In an empty database:
--   psql -d shop -v customers=100000 -f shop.sql
-- 100,000 customers with 940,000 orders take one or two minutes.
\set ON_ERROR_STOP 1
\if :{?customers} \else \set customers 100000 \endif
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS customer_value;
SET search_path = public, customer_value;

CREATE SCHEMA shop;
-- about ten orders a customer over three years
CREATE TABLE shop.orders AS
SELECT row_number() OVER () AS order_id, customer_id, ordered_at, amount::numeric(12, 2) AS amount
FROM simulate_orders(:customers, 1095, 7, '{"family": "bg_nbd", "r": 1.1, "alpha": 48, "a": 0.35, "b": 4.5}',
                     first_day => current_date - 1094);
CREATE INDEX ON shop.orders (customer_id);
VACUUM ANALYZE shop.orders;

-- labels are ranked, so that tools which sort texts show the best first
SELECT create_segmentation('shop.customer_segments', source => 'shop.orders', customer => 'customer_id',
         ordered_at => 'ordered_at', amount => 'amount', options => '{"labels": "ranked"}');

-- what the dashboards show; a job that does this each night takes the last line
CREATE FUNCTION shop.take_snapshot(as_of date DEFAULT NULL) RETURNS bigint LANGUAGE sql AS $$
    SELECT customer_value.snapshot_segmentation('shop.customer_segments', 'shop.customer_snapshots', as_of => as_of,
        columns => ARRAY['rfm_segment', 'rfm_segment_code', 'rfm_segment_rank', 'recency_score', 'frequency_score',
            'monetary_score', 'growth_quadrant', 'growth_quadrant_code', 'growth_quadrant_action', 'lifecycle_stage',
            'abc_class', 'clv_tier', 'last_purchase', 'recency_days', 'frequency', 'revenue', 'p_alive', 'clv',
            'trained_at'])
$$;
SELECT sum(shop.take_snapshot((date_trunc('month', current_date) - n * interval '1 month')::date - 1)) AS customers_of_twelve_months
FROM generate_series(11, 0, -1) AS n;
SELECT shop.take_snapshot();
VACUUM ANALYZE shop.customer_snapshots;

-- who reads: the view with its orders, and the snapshots
DO $$ BEGIN
    CREATE ROLE bi_reader LOGIN;
EXCEPTION WHEN duplicate_object THEN NULL;
END $$;
GRANT USAGE ON SCHEMA shop TO bi_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA shop TO bi_reader;
