 SELECT COALESCE(c.id, h.customer) AS customer_id,
    customer_value.first_purchase(h.history, '2025-11-30'::date) AS first_purchase,
    customer_value.last_purchase(h.history, '2025-11-30'::date) AS last_purchase,
    customer_value.days_since_last_purchase(h.history, '2025-11-30'::date) AS recency_days,
        CASE
            WHEN (h.customer IS NULL) THEN (0)::bigint
            ELSE h.frequency
        END AS frequency,
        CASE
            WHEN (h.customer IS NULL) THEN (0)::numeric
            ELSE h.revenue
        END AS monetary,
    h.average_order_value,
        CASE
            WHEN (h.customer IS NULL) THEN (0)::numeric
            ELSE h.revenue
        END AS revenue,
    h.recency_score,
    h.frequency_score,
    h.monetary_score,
    customer_value.rfm_code((h.recency_score)::integer, (h.frequency_score)::integer, (h.monetary_score)::integer) AS rfm_code,
    customer_value.rfm_segment(( SELECT t.labels
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1), (h.recency_score)::integer, (h.frequency_score)::integer, (h.monetary_score)::integer) AS rfm_segment,
    customer_value.rfm_segment_code(( SELECT t.labels
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1), (h.recency_score)::integer, (h.frequency_score)::integer, (h.monetary_score)::integer) AS rfm_segment_code,
    customer_value.rfm_segment_rank(( SELECT t.labels
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1), (h.recency_score)::integer, (h.frequency_score)::integer, (h.monetary_score)::integer) AS rfm_segment_rank,
    '2025-11-30'::date AS as_of,
    ( SELECT t.trained_at
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1) AS trained_at,
    h.p_alive,
    customer_value.expected_purchases(( SELECT t.purchase_model
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1), h.history, '2025-11-30'::date, '365'::double precision) AS expected_purchases,
    customer_value.expected_order_value(( SELECT t.spend_model
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1), h.history, '2025-11-30'::date) AS expected_order_value,
    h.clv,
    customer_value.percentile_of(( SELECT t.clv_percentiles
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1), h.clv) AS clv_percentile,
    customer_value.clv_tier(customer_value.percentile_of(( SELECT t.clv_percentiles
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1), h.clv), 'zh'::text) AS clv_tier,
    customer_value.clv_tier_code(customer_value.percentile_of(( SELECT t.clv_percentiles
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1), h.clv)) AS clv_tier_code,
    customer_value.clv_tier_rank(customer_value.percentile_of(( SELECT t.clv_percentiles
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1), h.clv)) AS clv_tier_rank,
    customer_value.typical_gap(h.history, '2025-11-30'::date) AS typical_gap,
    customer_value.declining(h.history, '2025-11-30'::date, 90) AS declining,
    h.loyalty,
    ((h.discounted)::double precision / (NULLIF(h.frequency, 0))::double precision) AS discount_share,
    ((COALESCE(i.service_contacts, (0)::bigint))::double precision / (NULLIF(h.frequency, 0))::double precision) AS service_rate,
    p.breadth AS product_breadth,
    ch.channel,
    customer_value.weighted_index(ARRAY[s.satisfaction, customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'interactions'::text))
          ORDER BY a.number DESC
         LIMIT 1), (i.interactions)::double precision), power((2)::double precision,
        CASE
            WHEN (((('2025-11-30'::date - i.last_interaction))::double precision / '30'::double precision) > (1000)::double precision) THEN ('-1000'::integer)::double precision
            ELSE (- ((('2025-11-30'::date - i.last_interaction))::double precision / '30'::double precision))
        END)], '{2,1,1}'::double precision[]) AS relationship_quality,
    i.interactions,
    i.engagement,
    s.satisfaction,
    s.csat,
    s.nps,
    s.ces,
    c.region,
    c.age,
        CASE
            WHEN (h.customer IS NULL) THEN ((0)::double precision * abs(( SELECT t.margin
               FROM customer_value.training t
              WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
              ORDER BY t.number DESC
             LIMIT 1)))
            ELSE h.current_value
        END AS current_value,
    customer_value.weighted_index(ARRAY[customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'age'::text))
          ORDER BY a.number DESC
         LIMIT 1),
        CASE
            WHEN (((c.age)::double precision > '-Infinity'::double precision) AND ((c.age)::double precision < 'Infinity'::double precision)) THEN (c.age)::double precision
            ELSE NULL::double precision
        END), customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'clv'::text))
          ORDER BY a.number DESC
         LIMIT 1),
        CASE
            WHEN ((h.clv > '-Infinity'::double precision) AND (h.clv < 'Infinity'::double precision)) THEN h.clv
            ELSE NULL::double precision
        END), customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'purchase_days'::text))
          ORDER BY a.number DESC
         LIMIT 1), (customer_value.purchase_days(h.history, '2025-11-30'::date))::double precision), customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'purchasing_power'::text))
          ORDER BY a.number DESC
         LIMIT 1),
        CASE
            WHEN ((c.purchasing_power > '-Infinity'::double precision) AND (c.purchasing_power < 'Infinity'::double precision)) THEN c.purchasing_power
            ELSE NULL::double precision
        END)], '{1,3,1,2}'::double precision[]) AS potential_value,
        CASE
            WHEN (h.customer IS NULL) THEN ((0)::double precision * abs(( SELECT t.margin
               FROM customer_value.training t
              WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
              ORDER BY t.number DESC
             LIMIT 1)))
            ELSE ((customer_value.to_double((h.window_revenue - COALESCE(h.window_costed, (0)::numeric))) * ( SELECT t.margin
               FROM customer_value.training t
              WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
              ORDER BY t.number DESC
             LIMIT 1)) + customer_value.to_double(((COALESCE(h.window_costed, (0)::numeric) - COALESCE(h.window_cost, (0)::numeric)) - COALESCE(h.window_service, (0)::numeric))))
        END AS profitability,
    ((((2)::double precision * h.basic_score) + customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'product_breadth'::text))
          ORDER BY a.number DESC
         LIMIT 1), (p.breadth)::double precision)) / (3)::double precision) AS value_score,
    (( SELECT array_cat(m.labels, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'lifecycle'::text))
          ORDER BY m.number DESC
         LIMIT 1))[(
        CASE
            WHEN (h.customer IS NULL) THEN (6)::double precision
            ELSE h.lifecycle_level
        END)::integer] AS lifecycle_stage,
    (( SELECT array_cat(m.codes, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'lifecycle'::text))
          ORDER BY m.number DESC
         LIMIT 1))[(
        CASE
            WHEN (h.customer IS NULL) THEN (6)::double precision
            ELSE h.lifecycle_level
        END)::integer] AS lifecycle_stage_code,
    (( SELECT array_cat(m.ranks, '{}'::smallint[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'lifecycle'::text))
          ORDER BY m.number DESC
         LIMIT 1))[(
        CASE
            WHEN (h.customer IS NULL) THEN (6)::double precision
            ELSE h.lifecycle_level
        END)::integer] AS lifecycle_stage_rank,
    (( SELECT array_cat(m.labels, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'growth'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(
        CASE
            WHEN (h.customer IS NULL) THEN ((0)::double precision * abs(( SELECT t.margin
               FROM customer_value.training t
              WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
              ORDER BY t.number DESC
             LIMIT 1)))
            ELSE h.current_value
        END, ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'growth'::text))
          ORDER BY m.number DESC
         LIMIT 1), customer_value.weighted_index(ARRAY[customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'age'::text))
          ORDER BY a.number DESC
         LIMIT 1),
        CASE
            WHEN (((c.age)::double precision > '-Infinity'::double precision) AND ((c.age)::double precision < 'Infinity'::double precision)) THEN (c.age)::double precision
            ELSE NULL::double precision
        END), customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'clv'::text))
          ORDER BY a.number DESC
         LIMIT 1),
        CASE
            WHEN ((h.clv > '-Infinity'::double precision) AND (h.clv < 'Infinity'::double precision)) THEN h.clv
            ELSE NULL::double precision
        END), customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'purchase_days'::text))
          ORDER BY a.number DESC
         LIMIT 1), (customer_value.purchase_days(h.history, '2025-11-30'::date))::double precision), customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'purchasing_power'::text))
          ORDER BY a.number DESC
         LIMIT 1),
        CASE
            WHEN ((c.purchasing_power > '-Infinity'::double precision) AND (c.purchasing_power < 'Infinity'::double precision)) THEN c.purchasing_power
            ELSE NULL::double precision
        END)], '{1,3,1,2}'::double precision[]), ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'growth'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS growth_quadrant,
    (( SELECT array_cat(m.codes, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'growth'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(
        CASE
            WHEN (h.customer IS NULL) THEN ((0)::double precision * abs(( SELECT t.margin
               FROM customer_value.training t
              WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
              ORDER BY t.number DESC
             LIMIT 1)))
            ELSE h.current_value
        END, ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'growth'::text))
          ORDER BY m.number DESC
         LIMIT 1), customer_value.weighted_index(ARRAY[customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'age'::text))
          ORDER BY a.number DESC
         LIMIT 1),
        CASE
            WHEN (((c.age)::double precision > '-Infinity'::double precision) AND ((c.age)::double precision < 'Infinity'::double precision)) THEN (c.age)::double precision
            ELSE NULL::double precision
        END), customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'clv'::text))
          ORDER BY a.number DESC
         LIMIT 1),
        CASE
            WHEN ((h.clv > '-Infinity'::double precision) AND (h.clv < 'Infinity'::double precision)) THEN h.clv
            ELSE NULL::double precision
        END), customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'purchase_days'::text))
          ORDER BY a.number DESC
         LIMIT 1), (customer_value.purchase_days(h.history, '2025-11-30'::date))::double precision), customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'purchasing_power'::text))
          ORDER BY a.number DESC
         LIMIT 1),
        CASE
            WHEN ((c.purchasing_power > '-Infinity'::double precision) AND (c.purchasing_power < 'Infinity'::double precision)) THEN c.purchasing_power
            ELSE NULL::double precision
        END)], '{1,3,1,2}'::double precision[]), ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'growth'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS growth_quadrant_code,
    (( SELECT array_cat(m.ranks, '{}'::smallint[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'growth'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(
        CASE
            WHEN (h.customer IS NULL) THEN ((0)::double precision * abs(( SELECT t.margin
               FROM customer_value.training t
              WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
              ORDER BY t.number DESC
             LIMIT 1)))
            ELSE h.current_value
        END, ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'growth'::text))
          ORDER BY m.number DESC
         LIMIT 1), customer_value.weighted_index(ARRAY[customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'age'::text))
          ORDER BY a.number DESC
         LIMIT 1),
        CASE
            WHEN (((c.age)::double precision > '-Infinity'::double precision) AND ((c.age)::double precision < 'Infinity'::double precision)) THEN (c.age)::double precision
            ELSE NULL::double precision
        END), customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'clv'::text))
          ORDER BY a.number DESC
         LIMIT 1),
        CASE
            WHEN ((h.clv > '-Infinity'::double precision) AND (h.clv < 'Infinity'::double precision)) THEN h.clv
            ELSE NULL::double precision
        END), customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'purchase_days'::text))
          ORDER BY a.number DESC
         LIMIT 1), (customer_value.purchase_days(h.history, '2025-11-30'::date))::double precision), customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'purchasing_power'::text))
          ORDER BY a.number DESC
         LIMIT 1),
        CASE
            WHEN ((c.purchasing_power > '-Infinity'::double precision) AND (c.purchasing_power < 'Infinity'::double precision)) THEN c.purchasing_power
            ELSE NULL::double precision
        END)], '{1,3,1,2}'::double precision[]), ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'growth'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS growth_quadrant_rank,
    (( SELECT array_cat(m.labels, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'spend'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of((
        CASE
            WHEN (h.customer IS NULL) THEN (0)::bigint
            ELSE h.frequency
        END)::double precision, ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'spend'::text))
          ORDER BY m.number DESC
         LIMIT 1), customer_value.to_double(h.average_order_value), ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'spend'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS spend_quadrant,
    (( SELECT array_cat(m.codes, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'spend'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of((
        CASE
            WHEN (h.customer IS NULL) THEN (0)::bigint
            ELSE h.frequency
        END)::double precision, ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'spend'::text))
          ORDER BY m.number DESC
         LIMIT 1), customer_value.to_double(h.average_order_value), ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'spend'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS spend_quadrant_code,
    (( SELECT array_cat(m.ranks, '{}'::smallint[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'spend'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of((
        CASE
            WHEN (h.customer IS NULL) THEN (0)::bigint
            ELSE h.frequency
        END)::double precision, ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'spend'::text))
          ORDER BY m.number DESC
         LIMIT 1), customer_value.to_double(h.average_order_value), ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'spend'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS spend_quadrant_rank,
    (( SELECT array_cat(m.labels, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(customer_value.to_double(
        CASE
            WHEN (h.customer IS NULL) THEN (0)::numeric
            ELSE h.revenue
        END), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS abc_class,
    (( SELECT array_cat(m.codes, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(customer_value.to_double(
        CASE
            WHEN (h.customer IS NULL) THEN (0)::numeric
            ELSE h.revenue
        END), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS abc_class_code,
    (( SELECT array_cat(m.ranks, '{}'::smallint[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(customer_value.to_double(
        CASE
            WHEN (h.customer IS NULL) THEN (0)::numeric
            ELSE h.revenue
        END), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS abc_class_rank,
    (( SELECT array_cat(m.labels, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc_pair'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(customer_value.to_double(
        CASE
            WHEN (h.customer IS NULL) THEN (0)::numeric
            ELSE h.revenue
        END), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc_pair'::text))
          ORDER BY m.number DESC
         LIMIT 1), (
        CASE
            WHEN (h.customer IS NULL) THEN (0)::bigint
            ELSE h.frequency
        END)::double precision, ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc_pair'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS abc_pair,
    (( SELECT array_cat(m.codes, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc_pair'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(customer_value.to_double(
        CASE
            WHEN (h.customer IS NULL) THEN (0)::numeric
            ELSE h.revenue
        END), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc_pair'::text))
          ORDER BY m.number DESC
         LIMIT 1), (
        CASE
            WHEN (h.customer IS NULL) THEN (0)::bigint
            ELSE h.frequency
        END)::double precision, ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc_pair'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS abc_pair_code,
    (( SELECT array_cat(m.ranks, '{}'::smallint[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc_pair'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(customer_value.to_double(
        CASE
            WHEN (h.customer IS NULL) THEN (0)::numeric
            ELSE h.revenue
        END), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc_pair'::text))
          ORDER BY m.number DESC
         LIMIT 1), (
        CASE
            WHEN (h.customer IS NULL) THEN (0)::bigint
            ELSE h.frequency
        END)::double precision, ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc_pair'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS abc_pair_rank,
    (( SELECT array_cat(m.labels, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'profitability'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(h.loyalty, ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'profitability'::text))
          ORDER BY m.number DESC
         LIMIT 1),
        CASE
            WHEN (h.customer IS NULL) THEN ((0)::double precision * abs(( SELECT t.margin
               FROM customer_value.training t
              WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
              ORDER BY t.number DESC
             LIMIT 1)))
            ELSE ((customer_value.to_double((h.window_revenue - COALESCE(h.window_costed, (0)::numeric))) * ( SELECT t.margin
               FROM customer_value.training t
              WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
              ORDER BY t.number DESC
             LIMIT 1)) + customer_value.to_double(((COALESCE(h.window_costed, (0)::numeric) - COALESCE(h.window_cost, (0)::numeric)) - COALESCE(h.window_service, (0)::numeric))))
        END, ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'profitability'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS profitability_quadrant,
    (( SELECT array_cat(m.codes, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'profitability'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(h.loyalty, ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'profitability'::text))
          ORDER BY m.number DESC
         LIMIT 1),
        CASE
            WHEN (h.customer IS NULL) THEN ((0)::double precision * abs(( SELECT t.margin
               FROM customer_value.training t
              WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
              ORDER BY t.number DESC
             LIMIT 1)))
            ELSE ((customer_value.to_double((h.window_revenue - COALESCE(h.window_costed, (0)::numeric))) * ( SELECT t.margin
               FROM customer_value.training t
              WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
              ORDER BY t.number DESC
             LIMIT 1)) + customer_value.to_double(((COALESCE(h.window_costed, (0)::numeric) - COALESCE(h.window_cost, (0)::numeric)) - COALESCE(h.window_service, (0)::numeric))))
        END, ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'profitability'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS profitability_quadrant_code,
    (( SELECT array_cat(m.ranks, '{}'::smallint[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'profitability'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(h.loyalty, ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'profitability'::text))
          ORDER BY m.number DESC
         LIMIT 1),
        CASE
            WHEN (h.customer IS NULL) THEN ((0)::double precision * abs(( SELECT t.margin
               FROM customer_value.training t
              WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
              ORDER BY t.number DESC
             LIMIT 1)))
            ELSE ((customer_value.to_double((h.window_revenue - COALESCE(h.window_costed, (0)::numeric))) * ( SELECT t.margin
               FROM customer_value.training t
              WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
              ORDER BY t.number DESC
             LIMIT 1)) + customer_value.to_double(((COALESCE(h.window_costed, (0)::numeric) - COALESCE(h.window_cost, (0)::numeric)) - COALESCE(h.window_service, (0)::numeric))))
        END, ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'profitability'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS profitability_quadrant_rank,
    (( SELECT array_cat(m.labels, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'value_tier'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(((((2)::double precision * h.basic_score) + customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'product_breadth'::text))
          ORDER BY a.number DESC
         LIMIT 1), (p.breadth)::double precision)) / (3)::double precision), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'value_tier'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS value_tier,
    (( SELECT array_cat(m.codes, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'value_tier'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(((((2)::double precision * h.basic_score) + customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'product_breadth'::text))
          ORDER BY a.number DESC
         LIMIT 1), (p.breadth)::double precision)) / (3)::double precision), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'value_tier'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS value_tier_code,
    (( SELECT array_cat(m.ranks, '{}'::smallint[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'value_tier'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(((((2)::double precision * h.basic_score) + customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'product_breadth'::text))
          ORDER BY a.number DESC
         LIMIT 1), (p.breadth)::double precision)) / (3)::double precision), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'value_tier'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS value_tier_rank,
    (( SELECT array_cat(m.labels, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'value'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(customer_value.weighted_index(ARRAY[s.satisfaction, customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'interactions'::text))
          ORDER BY a.number DESC
         LIMIT 1), (i.interactions)::double precision), power((2)::double precision,
        CASE
            WHEN (((('2025-11-30'::date - i.last_interaction))::double precision / '30'::double precision) > (1000)::double precision) THEN ('-1000'::integer)::double precision
            ELSE (- ((('2025-11-30'::date - i.last_interaction))::double precision / '30'::double precision))
        END)], '{2,1,1}'::double precision[]), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'value'::text))
          ORDER BY m.number DESC
         LIMIT 1), customer_value.weighted_index(ARRAY[customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'age'::text))
          ORDER BY a.number DESC
         LIMIT 1),
        CASE
            WHEN (((c.age)::double precision > '-Infinity'::double precision) AND ((c.age)::double precision < 'Infinity'::double precision)) THEN (c.age)::double precision
            ELSE NULL::double precision
        END), customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'clv'::text))
          ORDER BY a.number DESC
         LIMIT 1),
        CASE
            WHEN ((h.clv > '-Infinity'::double precision) AND (h.clv < 'Infinity'::double precision)) THEN h.clv
            ELSE NULL::double precision
        END), customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'purchase_days'::text))
          ORDER BY a.number DESC
         LIMIT 1), (customer_value.purchase_days(h.history, '2025-11-30'::date))::double precision), customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'purchasing_power'::text))
          ORDER BY a.number DESC
         LIMIT 1),
        CASE
            WHEN ((c.purchasing_power > '-Infinity'::double precision) AND (c.purchasing_power < 'Infinity'::double precision)) THEN c.purchasing_power
            ELSE NULL::double precision
        END)], '{1,3,1,2}'::double precision[]), ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'value'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS value_quadrant,
    (( SELECT array_cat(m.codes, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'value'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(customer_value.weighted_index(ARRAY[s.satisfaction, customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'interactions'::text))
          ORDER BY a.number DESC
         LIMIT 1), (i.interactions)::double precision), power((2)::double precision,
        CASE
            WHEN (((('2025-11-30'::date - i.last_interaction))::double precision / '30'::double precision) > (1000)::double precision) THEN ('-1000'::integer)::double precision
            ELSE (- ((('2025-11-30'::date - i.last_interaction))::double precision / '30'::double precision))
        END)], '{2,1,1}'::double precision[]), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'value'::text))
          ORDER BY m.number DESC
         LIMIT 1), customer_value.weighted_index(ARRAY[customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'age'::text))
          ORDER BY a.number DESC
         LIMIT 1),
        CASE
            WHEN (((c.age)::double precision > '-Infinity'::double precision) AND ((c.age)::double precision < 'Infinity'::double precision)) THEN (c.age)::double precision
            ELSE NULL::double precision
        END), customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'clv'::text))
          ORDER BY a.number DESC
         LIMIT 1),
        CASE
            WHEN ((h.clv > '-Infinity'::double precision) AND (h.clv < 'Infinity'::double precision)) THEN h.clv
            ELSE NULL::double precision
        END), customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'purchase_days'::text))
          ORDER BY a.number DESC
         LIMIT 1), (customer_value.purchase_days(h.history, '2025-11-30'::date))::double precision), customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'purchasing_power'::text))
          ORDER BY a.number DESC
         LIMIT 1),
        CASE
            WHEN ((c.purchasing_power > '-Infinity'::double precision) AND (c.purchasing_power < 'Infinity'::double precision)) THEN c.purchasing_power
            ELSE NULL::double precision
        END)], '{1,3,1,2}'::double precision[]), ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'value'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS value_quadrant_code,
    (( SELECT array_cat(m.ranks, '{}'::smallint[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'value'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(customer_value.weighted_index(ARRAY[s.satisfaction, customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'interactions'::text))
          ORDER BY a.number DESC
         LIMIT 1), (i.interactions)::double precision), power((2)::double precision,
        CASE
            WHEN (((('2025-11-30'::date - i.last_interaction))::double precision / '30'::double precision) > (1000)::double precision) THEN ('-1000'::integer)::double precision
            ELSE (- ((('2025-11-30'::date - i.last_interaction))::double precision / '30'::double precision))
        END)], '{2,1,1}'::double precision[]), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'value'::text))
          ORDER BY m.number DESC
         LIMIT 1), customer_value.weighted_index(ARRAY[customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'age'::text))
          ORDER BY a.number DESC
         LIMIT 1),
        CASE
            WHEN (((c.age)::double precision > '-Infinity'::double precision) AND ((c.age)::double precision < 'Infinity'::double precision)) THEN (c.age)::double precision
            ELSE NULL::double precision
        END), customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'clv'::text))
          ORDER BY a.number DESC
         LIMIT 1),
        CASE
            WHEN ((h.clv > '-Infinity'::double precision) AND (h.clv < 'Infinity'::double precision)) THEN h.clv
            ELSE NULL::double precision
        END), customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'purchase_days'::text))
          ORDER BY a.number DESC
         LIMIT 1), (customer_value.purchase_days(h.history, '2025-11-30'::date))::double precision), customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'purchasing_power'::text))
          ORDER BY a.number DESC
         LIMIT 1),
        CASE
            WHEN ((c.purchasing_power > '-Infinity'::double precision) AND (c.purchasing_power < 'Infinity'::double precision)) THEN c.purchasing_power
            ELSE NULL::double precision
        END)], '{1,3,1,2}'::double precision[]), ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'value'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS value_quadrant_rank,
    (( SELECT array_cat(m.labels, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'crm'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(NULLIF(LEAST((COALESCE(
        CASE lower(c.wants)
            WHEN 'loyal'::text THEN 1
            WHEN 'price_sensitive'::text THEN 2
            WHEN 'service_oriented'::text THEN 3
            WHEN 'functional'::text THEN 4
            WHEN 'experiential'::text THEN 5
            ELSE NULL::integer
        END,
        CASE
            WHEN ((((h.discounted)::double precision / (NULLIF(h.frequency, 0))::double precision) > (0)::double precision) AND (((h.discounted)::double precision / (NULLIF(h.frequency, 0))::double precision) >= ( SELECT a.percentiles[81] AS percentiles
               FROM customer_value.training_axis a
              WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'discount_share'::text))
              ORDER BY a.number DESC
             LIMIT 1))) THEN 2
            WHEN ((((COALESCE(i.service_contacts, (0)::bigint))::double precision / (NULLIF(h.frequency, 0))::double precision) > (0)::double precision) AND (((COALESCE(i.service_contacts, (0)::bigint))::double precision / (NULLIF(h.frequency, 0))::double precision) >= ( SELECT a.percentiles[81] AS percentiles
               FROM customer_value.training_axis a
              WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'service_rate'::text))
              ORDER BY a.number DESC
             LIMIT 1))) THEN 3
            WHEN (customer_value.purchase_days(h.history, '2025-11-30'::date) >= 2) THEN 1
            ELSE NULL::integer
        END))::double precision, (4)::double precision), (4)::double precision), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'crm'::text))
          ORDER BY m.number DESC
         LIMIT 1), ((4 - customer_value.level_of(((((2)::double precision * h.basic_score) + customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'product_breadth'::text))
          ORDER BY a.number DESC
         LIMIT 1), (p.breadth)::double precision)) / (3)::double precision), '{0.3333333333333333,0.6666666666666666}'::double precision[])))::double precision, ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'crm'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS crm_cell,
    (( SELECT array_cat(m.codes, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'crm'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(NULLIF(LEAST((COALESCE(
        CASE lower(c.wants)
            WHEN 'loyal'::text THEN 1
            WHEN 'price_sensitive'::text THEN 2
            WHEN 'service_oriented'::text THEN 3
            WHEN 'functional'::text THEN 4
            WHEN 'experiential'::text THEN 5
            ELSE NULL::integer
        END,
        CASE
            WHEN ((((h.discounted)::double precision / (NULLIF(h.frequency, 0))::double precision) > (0)::double precision) AND (((h.discounted)::double precision / (NULLIF(h.frequency, 0))::double precision) >= ( SELECT a.percentiles[81] AS percentiles
               FROM customer_value.training_axis a
              WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'discount_share'::text))
              ORDER BY a.number DESC
             LIMIT 1))) THEN 2
            WHEN ((((COALESCE(i.service_contacts, (0)::bigint))::double precision / (NULLIF(h.frequency, 0))::double precision) > (0)::double precision) AND (((COALESCE(i.service_contacts, (0)::bigint))::double precision / (NULLIF(h.frequency, 0))::double precision) >= ( SELECT a.percentiles[81] AS percentiles
               FROM customer_value.training_axis a
              WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'service_rate'::text))
              ORDER BY a.number DESC
             LIMIT 1))) THEN 3
            WHEN (customer_value.purchase_days(h.history, '2025-11-30'::date) >= 2) THEN 1
            ELSE NULL::integer
        END))::double precision, (4)::double precision), (4)::double precision), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'crm'::text))
          ORDER BY m.number DESC
         LIMIT 1), ((4 - customer_value.level_of(((((2)::double precision * h.basic_score) + customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'product_breadth'::text))
          ORDER BY a.number DESC
         LIMIT 1), (p.breadth)::double precision)) / (3)::double precision), '{0.3333333333333333,0.6666666666666666}'::double precision[])))::double precision, ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'crm'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS crm_cell_code,
    (( SELECT array_cat(m.ranks, '{}'::smallint[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'crm'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(NULLIF(LEAST((COALESCE(
        CASE lower(c.wants)
            WHEN 'loyal'::text THEN 1
            WHEN 'price_sensitive'::text THEN 2
            WHEN 'service_oriented'::text THEN 3
            WHEN 'functional'::text THEN 4
            WHEN 'experiential'::text THEN 5
            ELSE NULL::integer
        END,
        CASE
            WHEN ((((h.discounted)::double precision / (NULLIF(h.frequency, 0))::double precision) > (0)::double precision) AND (((h.discounted)::double precision / (NULLIF(h.frequency, 0))::double precision) >= ( SELECT a.percentiles[81] AS percentiles
               FROM customer_value.training_axis a
              WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'discount_share'::text))
              ORDER BY a.number DESC
             LIMIT 1))) THEN 2
            WHEN ((((COALESCE(i.service_contacts, (0)::bigint))::double precision / (NULLIF(h.frequency, 0))::double precision) > (0)::double precision) AND (((COALESCE(i.service_contacts, (0)::bigint))::double precision / (NULLIF(h.frequency, 0))::double precision) >= ( SELECT a.percentiles[81] AS percentiles
               FROM customer_value.training_axis a
              WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'service_rate'::text))
              ORDER BY a.number DESC
             LIMIT 1))) THEN 3
            WHEN (customer_value.purchase_days(h.history, '2025-11-30'::date) >= 2) THEN 1
            ELSE NULL::integer
        END))::double precision, (4)::double precision), (4)::double precision), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'crm'::text))
          ORDER BY m.number DESC
         LIMIT 1), ((4 - customer_value.level_of(((((2)::double precision * h.basic_score) + customer_value.percentile_of(( SELECT a.percentiles
           FROM customer_value.training_axis a
          WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'product_breadth'::text))
          ORDER BY a.number DESC
         LIMIT 1), (p.breadth)::double precision)) / (3)::double precision), '{0.3333333333333333,0.6666666666666666}'::double precision[])))::double precision, ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'crm'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS crm_cell_rank,
    (( SELECT array_cat(m.labels, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'need'::text))
          ORDER BY m.number DESC
         LIMIT 1))[((COALESCE(
        CASE lower(c.wants)
            WHEN 'loyal'::text THEN 1
            WHEN 'price_sensitive'::text THEN 2
            WHEN 'service_oriented'::text THEN 3
            WHEN 'functional'::text THEN 4
            WHEN 'experiential'::text THEN 5
            ELSE NULL::integer
        END,
        CASE
            WHEN ((((h.discounted)::double precision / (NULLIF(h.frequency, 0))::double precision) > (0)::double precision) AND (((h.discounted)::double precision / (NULLIF(h.frequency, 0))::double precision) >= ( SELECT a.percentiles[81] AS percentiles
               FROM customer_value.training_axis a
              WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'discount_share'::text))
              ORDER BY a.number DESC
             LIMIT 1))) THEN 2
            WHEN ((((COALESCE(i.service_contacts, (0)::bigint))::double precision / (NULLIF(h.frequency, 0))::double precision) > (0)::double precision) AND (((COALESCE(i.service_contacts, (0)::bigint))::double precision / (NULLIF(h.frequency, 0))::double precision) >= ( SELECT a.percentiles[81] AS percentiles
               FROM customer_value.training_axis a
              WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'service_rate'::text))
              ORDER BY a.number DESC
             LIMIT 1))) THEN 3
            WHEN (customer_value.purchase_days(h.history, '2025-11-30'::date) >= 2) THEN 1
            ELSE NULL::integer
        END))::double precision)::integer] AS need_type,
    (( SELECT array_cat(m.codes, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'need'::text))
          ORDER BY m.number DESC
         LIMIT 1))[((COALESCE(
        CASE lower(c.wants)
            WHEN 'loyal'::text THEN 1
            WHEN 'price_sensitive'::text THEN 2
            WHEN 'service_oriented'::text THEN 3
            WHEN 'functional'::text THEN 4
            WHEN 'experiential'::text THEN 5
            ELSE NULL::integer
        END,
        CASE
            WHEN ((((h.discounted)::double precision / (NULLIF(h.frequency, 0))::double precision) > (0)::double precision) AND (((h.discounted)::double precision / (NULLIF(h.frequency, 0))::double precision) >= ( SELECT a.percentiles[81] AS percentiles
               FROM customer_value.training_axis a
              WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'discount_share'::text))
              ORDER BY a.number DESC
             LIMIT 1))) THEN 2
            WHEN ((((COALESCE(i.service_contacts, (0)::bigint))::double precision / (NULLIF(h.frequency, 0))::double precision) > (0)::double precision) AND (((COALESCE(i.service_contacts, (0)::bigint))::double precision / (NULLIF(h.frequency, 0))::double precision) >= ( SELECT a.percentiles[81] AS percentiles
               FROM customer_value.training_axis a
              WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'service_rate'::text))
              ORDER BY a.number DESC
             LIMIT 1))) THEN 3
            WHEN (customer_value.purchase_days(h.history, '2025-11-30'::date) >= 2) THEN 1
            ELSE NULL::integer
        END))::double precision)::integer] AS need_type_code,
    (( SELECT array_cat(m.ranks, '{}'::smallint[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'need'::text))
          ORDER BY m.number DESC
         LIMIT 1))[((COALESCE(
        CASE lower(c.wants)
            WHEN 'loyal'::text THEN 1
            WHEN 'price_sensitive'::text THEN 2
            WHEN 'service_oriented'::text THEN 3
            WHEN 'functional'::text THEN 4
            WHEN 'experiential'::text THEN 5
            ELSE NULL::integer
        END,
        CASE
            WHEN ((((h.discounted)::double precision / (NULLIF(h.frequency, 0))::double precision) > (0)::double precision) AND (((h.discounted)::double precision / (NULLIF(h.frequency, 0))::double precision) >= ( SELECT a.percentiles[81] AS percentiles
               FROM customer_value.training_axis a
              WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'discount_share'::text))
              ORDER BY a.number DESC
             LIMIT 1))) THEN 2
            WHEN ((((COALESCE(i.service_contacts, (0)::bigint))::double precision / (NULLIF(h.frequency, 0))::double precision) > (0)::double precision) AND (((COALESCE(i.service_contacts, (0)::bigint))::double precision / (NULLIF(h.frequency, 0))::double precision) >= ( SELECT a.percentiles[81] AS percentiles
               FROM customer_value.training_axis a
              WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'service_rate'::text))
              ORDER BY a.number DESC
             LIMIT 1))) THEN 3
            WHEN (customer_value.purchase_days(h.history, '2025-11-30'::date) >= 2) THEN 1
            ELSE NULL::integer
        END))::double precision)::integer] AS need_type_rank
   FROM (((((( SELECT c_1.age,
            c_1.id,
            c_1.purchasing_power,
            c_1.region,
            c_1.wants
           FROM shop.customers c_1
          WHERE (c_1.id IS NOT NULL)) c
     FULL JOIN ( SELECT o.customer_id AS customer,
            customer_value.purchase_history(o.ordered_at, o.total) AS history,
            count(*) FILTER (WHERE (o.discounted AND (o.ordered_at < ( SELECT ((('2025-11-30'::date + 1))::timestamp without time zone AT TIME ZONE 'UTC'::text) AS timezone)) AND (o.total >= (0)::numeric))) AS discounted,
            sum(o.cost) FILTER (WHERE ((o.cost IS NOT NULL) AND (o.total IS NOT NULL) AND (o.ordered_at >= ( SELECT ((('2025-11-30'::date + '-364'::integer))::timestamp without time zone AT TIME ZONE 'UTC'::text) AS timezone)) AND (o.ordered_at < ( SELECT ((('2025-11-30'::date + 1))::timestamp without time zone AT TIME ZONE 'UTC'::text) AS timezone)))) AS window_cost,
            sum(o.total) FILTER (WHERE ((o.cost IS NOT NULL) AND (o.total IS NOT NULL) AND (o.ordered_at >= ( SELECT ((('2025-11-30'::date + '-364'::integer))::timestamp without time zone AT TIME ZONE 'UTC'::text) AS timezone)) AND (o.ordered_at < ( SELECT ((('2025-11-30'::date + 1))::timestamp without time zone AT TIME ZONE 'UTC'::text) AS timezone)))) AS window_costed,
            sum(o.service) FILTER (WHERE ((o.ordered_at >= ( SELECT ((('2025-11-30'::date + '-364'::integer))::timestamp without time zone AT TIME ZONE 'UTC'::text) AS timezone)) AND (o.ordered_at < ( SELECT ((('2025-11-30'::date + 1))::timestamp without time zone AT TIME ZONE 'UTC'::text) AS timezone)) AND (o.total IS NOT NULL))) AS window_service,
            customer_value.recency_score(( SELECT t.cuts
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1), customer_value.purchase_history(o.ordered_at, o.total), '2025-11-30'::date) AS recency_score,
            customer_value.frequency_score(( SELECT t.cuts
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1), customer_value.purchase_history(o.ordered_at, o.total), '2025-11-30'::date) AS frequency_score,
            customer_value.monetary_score(( SELECT t.cuts
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1), customer_value.purchase_history(o.ordered_at, o.total), '2025-11-30'::date) AS monetary_score,
            customer_value.order_count(customer_value.purchase_history(o.ordered_at, o.total), '2025-11-30'::date) AS frequency,
            customer_value.revenue(customer_value.purchase_history(o.ordered_at, o.total), '2025-11-30'::date) AS revenue,
            customer_value.average_order_value(customer_value.purchase_history(o.ordered_at, o.total), '2025-11-30'::date) AS average_order_value,
            customer_value.p_alive(( SELECT t.purchase_model
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1), customer_value.purchase_history(o.ordered_at, o.total), '2025-11-30'::date) AS p_alive,
            customer_value.clv(( SELECT t.purchase_model
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1), ( SELECT t.spend_model
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1), customer_value.purchase_history(o.ordered_at, o.total), '2025-11-30'::date, '365'::double precision, '0.1'::double precision, ( SELECT t.margin
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1), '0'::double precision) AS clv,
            customer_value.current_value(customer_value.purchase_history(o.ordered_at, o.total), '2025-11-30'::date, 365, ( SELECT t.margin
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1)) AS current_value,
            customer_value.revenue_between(customer_value.purchase_history(o.ordered_at, o.total), ('2025-11-30'::date - 364), '2025-11-30'::date) AS window_revenue,
            customer_value.loyalty(customer_value.purchase_history(o.ordered_at, o.total), '2025-11-30'::date, ( SELECT t.purchase_model
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1), ( SELECT a.percentiles
                   FROM customer_value.training_axis a
                  WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'purchase_days'::text))
                  ORDER BY a.number DESC
                 LIMIT 1), ( SELECT a.percentiles
                   FROM customer_value.training_axis a
                  WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'purchase_span'::text))
                  ORDER BY a.number DESC
                 LIMIT 1)) AS loyalty,
            customer_value.value_score(customer_value.purchase_history(o.ordered_at, o.total), '2025-11-30'::date, ( SELECT a.percentiles
                   FROM customer_value.training_axis a
                  WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'frequency'::text))
                  ORDER BY a.number DESC
                 LIMIT 1), ( SELECT a.percentiles
                   FROM customer_value.training_axis a
                  WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'revenue'::text))
                  ORDER BY a.number DESC
                 LIMIT 1)) AS basic_score,
            (customer_value.lifecycle_level(customer_value.purchase_history(o.ordered_at, o.total), '2025-11-30'::date, ( SELECT a.percentiles[81] AS percentiles
                   FROM customer_value.training_axis a
                  WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'purchase_gap'::text))
                  ORDER BY a.number DESC
                 LIMIT 1), ( SELECT a.percentiles[96] AS percentiles
                   FROM customer_value.training_axis a
                  WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'purchase_gap'::text))
                  ORDER BY a.number DESC
                 LIMIT 1), ( SELECT GREATEST((3)::double precision, a.percentiles[81]) AS "greatest"
                   FROM customer_value.training_axis a
                  WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'repeat_purchase_days'::text))
                  ORDER BY a.number DESC
                 LIMIT 1)))::double precision AS lifecycle_level
           FROM shop.orders o
          WHERE (o.customer_id IS NOT NULL)
          GROUP BY o.customer_id) h ON ((c.id = h.customer)))
     LEFT JOIN ( SELECT e.customer_id AS same,
            e.customer_id AS customer,
            count(*) AS interactions,
            count(*) FILTER (WHERE (lower(e.kind) = 'service'::text)) AS service_contacts,
            max(((e.at AT TIME ZONE 'UTC'::text))::date) AS last_interaction,
            customer_value.engagement(e.at, (e.weight)::double precision, '2025-11-30'::date, '30'::double precision) FILTER (WHERE (NOT COALESCE((lower(e.kind) = 'service'::text), false))) AS engagement
           FROM shop.contacts e
          WHERE ((e.customer_id IS NOT NULL) AND isfinite(e.at) AND (e.at < ( SELECT ((('2025-11-30'::date + 1))::timestamp without time zone AT TIME ZONE 'UTC'::text) AS timezone)) AND (e.weight >= (0)::numeric) AND (e.weight <= '1000000000000000'::numeric))
          GROUP BY e.customer_id) i ON (((i.customer = COALESCE(c.id, h.customer)) AND (i.same = COALESCE(COALESCE(c.id, h.customer), COALESCE(c.id, h.customer))))))
     LEFT JOIN ( SELECT s_1.customer_id AS same,
            s_1.customer_id AS customer,
            ((((COALESCE(sum(((s_1.score)::double precision - (1)::double precision)) FILTER (WHERE (lower(s_1.kind) = 'csat'::text)), (0)::double precision) / (4)::double precision) + (COALESCE(sum(((s_1.score)::double precision - (0)::double precision)) FILTER (WHERE (lower(s_1.kind) = 'nps'::text)), (0)::double precision) / (10)::double precision)) + (COALESCE(sum(((s_1.score)::double precision - (1)::double precision)) FILTER (WHERE (lower(s_1.kind) = 'ces'::text)), (0)::double precision) / (6)::double precision)) / (count(*))::double precision) AS satisfaction,
            customer_value.csat((s_1.score)::double precision) FILTER (WHERE (lower(s_1.kind) = 'csat'::text)) AS csat,
            customer_value.nps((s_1.score)::double precision) FILTER (WHERE (lower(s_1.kind) = 'nps'::text)) AS nps,
            customer_value.ces((s_1.score)::double precision) FILTER (WHERE (lower(s_1.kind) = 'ces'::text)) AS ces
           FROM shop.answers s_1
          WHERE ((s_1.customer_id IS NOT NULL) AND isfinite(s_1.day) AND (s_1.day < ( SELECT ('2025-11-30'::date + 1) AS date)) AND (((lower(s_1.kind) = 'csat'::text) AND (s_1.score >= 1) AND (s_1.score <= 5)) OR ((lower(s_1.kind) = 'nps'::text) AND (s_1.score >= 0) AND (s_1.score <= 10)) OR ((lower(s_1.kind) = 'ces'::text) AND (s_1.score >= 1) AND (s_1.score <= 7))) AND ((s_1.score)::double precision = floor((s_1.score)::double precision)))
          GROUP BY s_1.customer_id) s ON (((s.customer = COALESCE(c.id, h.customer)) AND (s.same = COALESCE(COALESCE(c.id, h.customer), COALESCE(c.id, h.customer))))))
     LEFT JOIN ( SELECT d.customer AS same,
            d.customer,
            count(*) AS breadth
           FROM ( SELECT DISTINCT o.customer_id AS customer,
                    o.product
                   FROM shop.orders o
                  WHERE ((o.customer_id IS NOT NULL) AND (o.product IS NOT NULL) AND (o.ordered_at < ( SELECT ((('2025-11-30'::date + 1))::timestamp without time zone AT TIME ZONE 'UTC'::text) AS timezone)) AND (o.total >= (0)::numeric))) d
          GROUP BY d.customer) p ON (((p.customer = COALESCE(c.id, h.customer)) AND (p.same = COALESCE(COALESCE(c.id, h.customer), COALESCE(c.id, h.customer))))))
     LEFT JOIN ( SELECT n.customer AS same,
            n.customer,
            (array_agg(n.channel ORDER BY n.orders DESC, (n.channel COLLATE "C")))[1] AS channel
           FROM ( SELECT o.customer_id AS customer,
                    o.channel,
                    count(*) AS orders
                   FROM shop.orders o
                  WHERE ((o.customer_id IS NOT NULL) AND (o.channel IS NOT NULL) AND (o.ordered_at < ( SELECT ((('2025-11-30'::date + 1))::timestamp without time zone AT TIME ZONE 'UTC'::text) AS timezone)) AND (o.total >= (0)::numeric))
                  GROUP BY o.customer_id, o.channel) n
          GROUP BY n.customer) ch ON (((ch.customer = COALESCE(c.id, h.customer)) AND (ch.same = COALESCE(COALESCE(c.id, h.customer), COALESCE(c.id, h.customer))))));
