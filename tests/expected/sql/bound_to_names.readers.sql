CREATE FUNCTION shop.inputs_orders() RETURNS TABLE (customer_id pg_catalog.int8, ordered_at pg_catalog.timestamptz, total pg_catalog."numeric", cost pg_catalog."numeric", service pg_catalog."numeric", discounted pg_catalog.text, product pg_catalog.text, channel pg_catalog.text)
    LANGUAGE sql STABLE PARALLEL SAFE AS '-- the orders of segmentation shop.inputs, id 00000000-0000-0000-0000-000000000000
SELECT
    o.customer_id::pg_catalog.int8,
    customer_value_internal.as_timestamptz(o.ordered_at, ''UTC''),
    o.total::pg_catalog."numeric",
    o.cost::pg_catalog."numeric",
    o.service::pg_catalog."numeric",
    o.discounted::pg_catalog.text,
    o.product::pg_catalog.text,
    o.channel::pg_catalog.text
FROM shop.orders AS o';
CREATE FUNCTION shop.inputs_customers() RETURNS TABLE (id pg_catalog.int8, region pg_catalog.text, age pg_catalog.int8, wants pg_catalog.text, since pg_catalog.timestamptz, won_for pg_catalog.int8)
    LANGUAGE sql STABLE PARALLEL SAFE AS '-- the customers of segmentation shop.inputs, id 00000000-0000-0000-0000-000000000000
SELECT
    o.id::pg_catalog.int8,
    o.region::pg_catalog.text,
    o.age::pg_catalog.int8,
    o.wants::pg_catalog.text,
    customer_value_internal.as_timestamptz(o.since, ''UTC''),
    o.won_for::pg_catalog.int8
FROM shop.customers AS o';
CREATE FUNCTION shop.inputs_interactions() RETURNS TABLE (customer_id pg_catalog.int8, at pg_catalog.timestamptz, kind pg_catalog.text, weight pg_catalog."numeric")
    LANGUAGE sql STABLE PARALLEL SAFE AS '-- the interactions of segmentation shop.inputs, id 00000000-0000-0000-0000-000000000000
SELECT
    o.customer_id::pg_catalog.int8,
    customer_value_internal.as_timestamptz(o.at, ''UTC''),
    o.kind::pg_catalog.text,
    o.weight::pg_catalog."numeric"
FROM shop.contacts AS o';
CREATE FUNCTION shop.inputs_satisfaction() RETURNS TABLE (customer_id pg_catalog.int8, day pg_catalog.date, kind pg_catalog.text, score pg_catalog."numeric")
    LANGUAGE sql STABLE PARALLEL SAFE AS '-- the satisfaction of segmentation shop.inputs, id 00000000-0000-0000-0000-000000000000
SELECT
    o.customer_id::pg_catalog.int8,
    customer_value_internal.as_date(o.day, ''UTC''),
    o.kind::pg_catalog.text,
    o.score::pg_catalog."numeric"
FROM shop.answers AS o'
