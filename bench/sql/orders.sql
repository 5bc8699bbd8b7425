-- Orders drawn from a BG/NBD process, in time order: :customers customers over three years.
--
-- Each customer is born on a random day, orders at a Poisson rate drawn from a gamma distribution
-- (shape 1, mean 1/28 a day) and may leave after each order with a probability drawn from a beta
-- distribution (1, 34); see Fader, Hardie & Lee 2005. About 14 orders a customer. An amount is log-normal
-- about the customer's own mean.
SELECT setseed(0.42);

CREATE TABLE orders (
    order_id    bigint NOT NULL,
    customer_id bigint NOT NULL,
    ordered_at  timestamptz NOT NULL,
    amount      numeric(10,2) NOT NULL
);

CREATE TEMPORARY TABLE people AS
SELECT customer_id, birth, rate, spend,
       -- how many orders until the customer leaves: geometric
       least(400, ceil(ln(1 - u) / ln(1 - leave)))::int AS orders
FROM (
    SELECT customer_id,
           random() * 1095 AS birth,
           -ln(1 - random()) / 28 AS rate,
           exp(3.3 + 0.6 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())) AS spend,
           greatest(1e-6, 1 - (1 - random()) ^ (1.0 / 34)) AS leave,
           random() AS u
    FROM generate_series(1, :customers) AS customer_id
) AS drawn;

INSERT INTO orders
SELECT row_number() OVER (ORDER BY day), customer_id,
       timestamptz '2023-01-01 00:00:00+00' + day * interval '1 day', amount
FROM (
    SELECT customer_id, birth + coalesce(sum(gap) OVER earlier, 0) AS day, amount
    FROM (
        SELECT customer_id, birth, k,
               -ln(1 - random()) / rate AS gap,
               round((spend * exp(0.4 * (random() + random() + random() - 1.5) * 2))::numeric, 2) AS amount
        FROM people CROSS JOIN LATERAL generate_series(1, orders) AS k
    ) AS gaps
    WINDOW earlier AS (PARTITION BY customer_id ORDER BY k
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
) AS drawn
WHERE day < 1095
ORDER BY day;

DROP TABLE people;
VACUUM (FREEZE, ANALYZE) orders;
