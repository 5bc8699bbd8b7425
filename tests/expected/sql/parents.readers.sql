CREATE FUNCTION shop.lined_parents_orders() RETURNS TABLE (holding pg_catalog.text, ordered_at pg_catalog.timestamptz, id pg_catalog.int8, customer_id pg_catalog.int8, total pg_catalog."numeric", cost pg_catalog."numeric", service pg_catalog."numeric", discounted pg_catalog.text, product pg_catalog.text, channel pg_catalog.text)
    LANGUAGE sql STABLE PARALLEL SAFE AS '-- the orders of segmentation shop.lined_parents, id 00000000-0000-0000-0000-000000000000
SELECT
    o.holding::pg_catalog.text,
    customer_value_internal.as_timestamptz(o.ordered_at, ''Asia/Shanghai''),
    o.id::pg_catalog.int8,
    o.customer_id::pg_catalog.int8,
    o.total::pg_catalog."numeric",
    o.cost::pg_catalog."numeric",
    o.service::pg_catalog."numeric",
    o.discounted::pg_catalog.text,
    o.product::pg_catalog.text,
    o.channel::pg_catalog.text
FROM (SELECT r.ordered_at, r.id, r.customer_id, r.total, r.cost, r.service, r.discounted, r.product, r.channel, r.currency, p.holding FROM shop.lines AS r LEFT JOIN shop.customers AS p ON p.id OPERATOR(pg_catalog.=) r.customer_id) AS o'
