-- The values of a column of a segmentation view, best first, with what is at stake, and what a response of each customer
-- is worth, the highest first, as far as it can repay a contact, and the highest that cannot.
WITH assumed AS (
    SELECT a.key AS segment, a.value ->> 'of' AS stake, (a.value ->> 'above')::float8 AS above
    FROM jsonb_each({{assumed}}::jsonb) AS a
), customer AS (
    SELECT v.{{by}}::text AS segment,
           {{rank}} AS rank,
           v.clv,
           -- what it would be worth if the customer had not left, less clv
           CASE WHEN v.p_alive > 0 THEN v.clv / v.p_alive * (1 - v.p_alive) END AS expected_loss
    FROM {{view}} AS v
), staked AS (
    SELECT c.segment,
           c.rank,
           c.clv,
           c.expected_loss,
           coalesce(a.above, o.above) AS above,
           CASE coalesce(a.stake, o.stake) WHEN 'clv' THEN c.clv WHEN 'expected_loss' THEN c.expected_loss END AS stake
    FROM customer AS c
    LEFT JOIN assumed AS a ON a.segment = c.segment
    LEFT JOIN assumed AS o ON o.segment = '*' AND a.segment IS NULL AND c.segment IS NOT NULL
)
SELECT segment,
       count(*),
       round(sum(clv::numeric), 2)::float8,
       round(sum(expected_loss::numeric), 2)::float8,
       array_agg(stake ORDER BY stake DESC) FILTER (WHERE stake > above),
       max(stake) FILTER (WHERE stake <= above)
FROM staked
GROUP BY segment
ORDER BY segment IS NULL, min(rank) NULLS LAST, segment
LIMIT {{most_rows}} + 1
