\set ECHO none
-- Schema shop: orders of about a hundred customers, some rows without a customer, time or amount.
CREATE SCHEMA shop;
CREATE TABLE shop.orders (order_id int, customer_id bigint, at timestamptz, total numeric(10, 2), currency text);
INSERT INTO shop.orders
SELECT i, (i * i) % 101, timestamptz '2024-01-01 12:00 UTC' + i % 300 * interval '1 day',
       CASE WHEN i % 29 = 0 THEN -5.5 ELSE (i % 47) * 1.25 END, 'EUR'
FROM generate_series(1, 1500) AS i;
INSERT INTO shop.orders VALUES
    (9001, NULL, '2024-05-01', 5), (9002, 5, NULL, 5), (9003, 5, '2024-05-01', NULL),
    (9004, 900, '2024-02-02', -7);
CREATE INDEX ON shop.orders (customer_id);
ANALYZE shop.orders;

-- A segmentation of a source, what it holds, and how many rows the function beside it gives.
CREATE FUNCTION shop.check_source(
    source text, customer text DEFAULT 'customer_id', ordered_at text DEFAULT 'at', amount text DEFAULT 'total',
    options text DEFAULT '{}'
)
    RETURNS TABLE (customers bigint, labelled bigint, revenue numeric, customer_type text, function_rows bigint)
    LANGUAGE plpgsql AS $$
BEGIN
    PERFORM customer_value.create_segmentation('shop.it', source, customer, ordered_at, amount,
                                               '{"as_of": "2024-10-31"}'::jsonb || options::jsonb);
    RETURN QUERY EXECUTE format('
        SELECT count(*), count(rfm_segment), sum(revenue), min(pg_typeof(%1$I)::text),
               (
                   SELECT count(*)
                   FROM (SELECT %1$I AS c FROM shop.it) AS k
                   CROSS JOIN LATERAL shop.it_of(k.c) AS f
               )
        FROM shop.it
    ', customer);
    PERFORM customer_value.drop_segmentation('shop.it');
END $$;
\set ECHO all
