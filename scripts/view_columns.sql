-- Small orders with every optional input, for reference.py: which columns does a segmentation view have, and what do
-- their comments say? The segmentations themselves are made there, one for each option and language.
SET client_min_messages = warning;
SET search_path = public, customer_value;
CREATE SCHEMA shop;
CREATE TABLE shop.customers (id bigint PRIMARY KEY, region text, won_for numeric(10, 2), wants text);
INSERT INTO shop.customers SELECT i, 'north', i, 'loyal' FROM generate_series(1, 60) AS i;
CREATE TABLE shop.orders AS
SELECT customer_id, ordered_at, CAST(amount AS numeric(10, 2)) AS total, CAST(1 AS numeric(10, 2)) AS service,
       customer_id % 2 = 0 AS reduced, 'p' || customer_id % 3 AS product, 'c' || customer_id % 2 AS channel
FROM simulate_orders(60, 365, seed => 3);
CREATE TABLE shop.contacts AS
SELECT customer_id, ordered_at + interval '1 day' AS at, 'mail' AS kind FROM shop.orders;
CREATE TABLE shop.answers AS
SELECT customer_id, ordered_at AS at, kind, score
FROM shop.orders, (VALUES ('csat', 5), ('nps', 9), ('ces', 6)) AS answer (kind, score);
