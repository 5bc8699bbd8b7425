 SELECT customer AS customer_id,
    customer_value.first_purchase(history, ( SELECT t.as_of
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1)) AS first_purchase,
    customer_value.last_purchase(history, ( SELECT t.as_of
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1)) AS last_purchase,
    customer_value.days_since_last_purchase(history, ( SELECT t.as_of
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1)) AS recency_days,
    frequency,
    revenue AS monetary,
    average_order_value,
    revenue,
    recency_score,
    frequency_score,
    monetary_score,
    customer_value.rfm_code((recency_score)::integer, (frequency_score)::integer, (monetary_score)::integer) AS rfm_code,
    customer_value.rfm_segment(( SELECT t.labels
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1), (recency_score)::integer, (frequency_score)::integer, (monetary_score)::integer) AS rfm_segment,
    customer_value.rfm_segment_code(( SELECT t.labels
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1), (recency_score)::integer, (frequency_score)::integer, (monetary_score)::integer) AS rfm_segment_code,
    customer_value.rfm_segment_rank(( SELECT t.labels
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1), (recency_score)::integer, (frequency_score)::integer, (monetary_score)::integer) AS rfm_segment_rank,
    ( SELECT t.as_of
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1) AS as_of,
    ( SELECT t.trained_at
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1) AS trained_at,
    p_alive,
    customer_value.expected_purchases(( SELECT t.purchase_model
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1), history, ( SELECT t.as_of
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1), '365'::double precision) AS expected_purchases,
    customer_value.expected_order_value(( SELECT t.spend_model
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1), history, ( SELECT t.as_of
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1)) AS expected_order_value,
    clv,
    customer_value.percentile_of(( SELECT t.clv_percentiles
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1), clv) AS clv_percentile,
    customer_value.clv_tier(customer_value.percentile_of(( SELECT t.clv_percentiles
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1), clv), 'en'::text) AS clv_tier,
    customer_value.clv_tier_code(customer_value.percentile_of(( SELECT t.clv_percentiles
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1), clv)) AS clv_tier_code,
    customer_value.clv_tier_rank(customer_value.percentile_of(( SELECT t.clv_percentiles
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1), clv)) AS clv_tier_rank,
    customer_value.typical_gap(history, ( SELECT t.as_of
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1)) AS typical_gap,
    customer_value.declining(history, ( SELECT t.as_of
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1), 90) AS declining,
    loyalty,
    ((discounted)::double precision / (NULLIF(frequency, 0))::double precision) AS discount_share,
    current_value,
    clv AS potential_value,
    ((customer_value.to_double((window_revenue - COALESCE(window_costed, (0)::numeric))) * ( SELECT t.margin
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1)) + customer_value.to_double(((COALESCE(window_costed, (0)::numeric) - COALESCE(window_cost, (0)::numeric)) - COALESCE(window_service, (0)::numeric)))) AS profitability,
    basic_score AS value_score,
    (( SELECT array_cat(m.labels, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'lifecycle'::text))
          ORDER BY m.number DESC
         LIMIT 1))[(lifecycle_level)::integer] AS lifecycle_stage,
    (( SELECT array_cat(m.codes, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'lifecycle'::text))
          ORDER BY m.number DESC
         LIMIT 1))[(lifecycle_level)::integer] AS lifecycle_stage_code,
    (( SELECT array_cat(m.ranks, '{}'::smallint[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'lifecycle'::text))
          ORDER BY m.number DESC
         LIMIT 1))[(lifecycle_level)::integer] AS lifecycle_stage_rank,
    (( SELECT array_cat(m.labels, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'growth'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(current_value, ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'growth'::text))
          ORDER BY m.number DESC
         LIMIT 1), clv, ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'growth'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS growth_quadrant,
    (( SELECT array_cat(m.codes, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'growth'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(current_value, ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'growth'::text))
          ORDER BY m.number DESC
         LIMIT 1), clv, ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'growth'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS growth_quadrant_code,
    (( SELECT array_cat(m.ranks, '{}'::smallint[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'growth'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(current_value, ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'growth'::text))
          ORDER BY m.number DESC
         LIMIT 1), clv, ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'growth'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS growth_quadrant_rank,
    (( SELECT array_cat(m.labels, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'spend'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of((frequency)::double precision, ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'spend'::text))
          ORDER BY m.number DESC
         LIMIT 1), customer_value.to_double(average_order_value), ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'spend'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS spend_quadrant,
    (( SELECT array_cat(m.codes, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'spend'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of((frequency)::double precision, ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'spend'::text))
          ORDER BY m.number DESC
         LIMIT 1), customer_value.to_double(average_order_value), ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'spend'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS spend_quadrant_code,
    (( SELECT array_cat(m.ranks, '{}'::smallint[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'spend'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of((frequency)::double precision, ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'spend'::text))
          ORDER BY m.number DESC
         LIMIT 1), customer_value.to_double(average_order_value), ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'spend'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS spend_quadrant_rank,
    (( SELECT array_cat(m.labels, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(customer_value.to_double(revenue), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS abc_class,
    (( SELECT array_cat(m.codes, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(customer_value.to_double(revenue), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS abc_class_code,
    (( SELECT array_cat(m.ranks, '{}'::smallint[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(customer_value.to_double(revenue), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS abc_class_rank,
    (( SELECT array_cat(m.labels, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc_pair'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(customer_value.to_double(revenue), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc_pair'::text))
          ORDER BY m.number DESC
         LIMIT 1), (frequency)::double precision, ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc_pair'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS abc_pair,
    (( SELECT array_cat(m.codes, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc_pair'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(customer_value.to_double(revenue), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc_pair'::text))
          ORDER BY m.number DESC
         LIMIT 1), (frequency)::double precision, ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc_pair'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS abc_pair_code,
    (( SELECT array_cat(m.ranks, '{}'::smallint[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc_pair'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(customer_value.to_double(revenue), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc_pair'::text))
          ORDER BY m.number DESC
         LIMIT 1), (frequency)::double precision, ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'abc_pair'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS abc_pair_rank,
    (( SELECT array_cat(m.labels, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'profitability'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(loyalty, ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'profitability'::text))
          ORDER BY m.number DESC
         LIMIT 1), ((customer_value.to_double((window_revenue - COALESCE(window_costed, (0)::numeric))) * ( SELECT t.margin
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1)) + customer_value.to_double(((COALESCE(window_costed, (0)::numeric) - COALESCE(window_cost, (0)::numeric)) - COALESCE(window_service, (0)::numeric)))), ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'profitability'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS profitability_quadrant,
    (( SELECT array_cat(m.codes, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'profitability'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(loyalty, ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'profitability'::text))
          ORDER BY m.number DESC
         LIMIT 1), ((customer_value.to_double((window_revenue - COALESCE(window_costed, (0)::numeric))) * ( SELECT t.margin
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1)) + customer_value.to_double(((COALESCE(window_costed, (0)::numeric) - COALESCE(window_cost, (0)::numeric)) - COALESCE(window_service, (0)::numeric)))), ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'profitability'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS profitability_quadrant_code,
    (( SELECT array_cat(m.ranks, '{}'::smallint[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'profitability'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(loyalty, ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'profitability'::text))
          ORDER BY m.number DESC
         LIMIT 1), ((customer_value.to_double((window_revenue - COALESCE(window_costed, (0)::numeric))) * ( SELECT t.margin
           FROM customer_value.training t
          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
          ORDER BY t.number DESC
         LIMIT 1)) + customer_value.to_double(((COALESCE(window_costed, (0)::numeric) - COALESCE(window_cost, (0)::numeric)) - COALESCE(window_service, (0)::numeric)))), ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'profitability'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS profitability_quadrant_rank,
    (( SELECT array_cat(m.labels, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'value_tier'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(basic_score, ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'value_tier'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS value_tier,
    (( SELECT array_cat(m.codes, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'value_tier'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(basic_score, ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'value_tier'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS value_tier_code,
    (( SELECT array_cat(m.ranks, '{}'::smallint[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'value_tier'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(basic_score, ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'value_tier'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS value_tier_rank,
    (( SELECT array_cat(m.labels, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'crm'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(NULLIF(LEAST((COALESCE(
        CASE
            WHEN ((((discounted)::double precision / (NULLIF(frequency, 0))::double precision) > (0)::double precision) AND (((discounted)::double precision / (NULLIF(frequency, 0))::double precision) >= ( SELECT a.percentiles[81] AS percentiles
               FROM customer_value.training_axis a
              WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'discount_share'::text))
              ORDER BY a.number DESC
             LIMIT 1))) THEN 2
            WHEN (customer_value.purchase_days(history, ( SELECT t.as_of
               FROM customer_value.training t
              WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
              ORDER BY t.number DESC
             LIMIT 1)) >= 2) THEN 1
            ELSE NULL::integer
        END))::double precision, (4)::double precision), (4)::double precision), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'crm'::text))
          ORDER BY m.number DESC
         LIMIT 1), ((4 - customer_value.level_of(basic_score, '{0.3333333333333333,0.6666666666666666}'::double precision[])))::double precision, ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'crm'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS crm_cell,
    (( SELECT array_cat(m.codes, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'crm'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(NULLIF(LEAST((COALESCE(
        CASE
            WHEN ((((discounted)::double precision / (NULLIF(frequency, 0))::double precision) > (0)::double precision) AND (((discounted)::double precision / (NULLIF(frequency, 0))::double precision) >= ( SELECT a.percentiles[81] AS percentiles
               FROM customer_value.training_axis a
              WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'discount_share'::text))
              ORDER BY a.number DESC
             LIMIT 1))) THEN 2
            WHEN (customer_value.purchase_days(history, ( SELECT t.as_of
               FROM customer_value.training t
              WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
              ORDER BY t.number DESC
             LIMIT 1)) >= 2) THEN 1
            ELSE NULL::integer
        END))::double precision, (4)::double precision), (4)::double precision), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'crm'::text))
          ORDER BY m.number DESC
         LIMIT 1), ((4 - customer_value.level_of(basic_score, '{0.3333333333333333,0.6666666666666666}'::double precision[])))::double precision, ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'crm'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS crm_cell_code,
    (( SELECT array_cat(m.ranks, '{}'::smallint[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'crm'::text))
          ORDER BY m.number DESC
         LIMIT 1))[customer_value.place_of(NULLIF(LEAST((COALESCE(
        CASE
            WHEN ((((discounted)::double precision / (NULLIF(frequency, 0))::double precision) > (0)::double precision) AND (((discounted)::double precision / (NULLIF(frequency, 0))::double precision) >= ( SELECT a.percentiles[81] AS percentiles
               FROM customer_value.training_axis a
              WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'discount_share'::text))
              ORDER BY a.number DESC
             LIMIT 1))) THEN 2
            WHEN (customer_value.purchase_days(history, ( SELECT t.as_of
               FROM customer_value.training t
              WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
              ORDER BY t.number DESC
             LIMIT 1)) >= 2) THEN 1
            ELSE NULL::integer
        END))::double precision, (4)::double precision), (4)::double precision), ( SELECT m.x_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'crm'::text))
          ORDER BY m.number DESC
         LIMIT 1), ((4 - customer_value.level_of(basic_score, '{0.3333333333333333,0.6666666666666666}'::double precision[])))::double precision, ( SELECT m.y_cuts
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'crm'::text))
          ORDER BY m.number DESC
         LIMIT 1))] AS crm_cell_rank,
    (( SELECT array_cat(m.labels, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'need'::text))
          ORDER BY m.number DESC
         LIMIT 1))[((COALESCE(
        CASE
            WHEN ((((discounted)::double precision / (NULLIF(frequency, 0))::double precision) > (0)::double precision) AND (((discounted)::double precision / (NULLIF(frequency, 0))::double precision) >= ( SELECT a.percentiles[81] AS percentiles
               FROM customer_value.training_axis a
              WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'discount_share'::text))
              ORDER BY a.number DESC
             LIMIT 1))) THEN 2
            WHEN (customer_value.purchase_days(history, ( SELECT t.as_of
               FROM customer_value.training t
              WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
              ORDER BY t.number DESC
             LIMIT 1)) >= 2) THEN 1
            ELSE NULL::integer
        END))::double precision)::integer] AS need_type,
    (( SELECT array_cat(m.codes, '{}'::text[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'need'::text))
          ORDER BY m.number DESC
         LIMIT 1))[((COALESCE(
        CASE
            WHEN ((((discounted)::double precision / (NULLIF(frequency, 0))::double precision) > (0)::double precision) AND (((discounted)::double precision / (NULLIF(frequency, 0))::double precision) >= ( SELECT a.percentiles[81] AS percentiles
               FROM customer_value.training_axis a
              WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'discount_share'::text))
              ORDER BY a.number DESC
             LIMIT 1))) THEN 2
            WHEN (customer_value.purchase_days(history, ( SELECT t.as_of
               FROM customer_value.training t
              WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
              ORDER BY t.number DESC
             LIMIT 1)) >= 2) THEN 1
            ELSE NULL::integer
        END))::double precision)::integer] AS need_type_code,
    (( SELECT array_cat(m.ranks, '{}'::smallint[]) AS array_cat
           FROM customer_value.training_matrix m
          WHERE ((m.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (m.matrix = 'need'::text))
          ORDER BY m.number DESC
         LIMIT 1))[((COALESCE(
        CASE
            WHEN ((((discounted)::double precision / (NULLIF(frequency, 0))::double precision) > (0)::double precision) AND (((discounted)::double precision / (NULLIF(frequency, 0))::double precision) >= ( SELECT a.percentiles[81] AS percentiles
               FROM customer_value.training_axis a
              WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'discount_share'::text))
              ORDER BY a.number DESC
             LIMIT 1))) THEN 2
            WHEN (customer_value.purchase_days(history, ( SELECT t.as_of
               FROM customer_value.training t
              WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
              ORDER BY t.number DESC
             LIMIT 1)) >= 2) THEN 1
            ELSE NULL::integer
        END))::double precision)::integer] AS need_type_rank
   FROM ( SELECT o.customer,
            customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'::text) AS history,
            count(*) FILTER (WHERE (o.discounted AND ((o.ordered_at < ( SELECT (((( SELECT t.as_of
                           FROM customer_value.training t
                          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                          ORDER BY t.number DESC
                         LIMIT 1) + 0))::timestamp without time zone AT TIME ZONE 'Asia/Shanghai'::text) AS timezone)) OR ((o.ordered_at < ( SELECT (((( SELECT t.as_of
                           FROM customer_value.training t
                          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                          ORDER BY t.number DESC
                         LIMIT 1) + 2))::timestamp without time zone AT TIME ZONE 'Asia/Shanghai'::text) AS timezone)) AND (((o.ordered_at AT TIME ZONE 'Asia/Shanghai'::text))::date <= ( SELECT t.as_of
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1)))) AND (o.amount >= (0)::numeric))) AS discounted,
            sum(o.line_cost) FILTER (WHERE ((o.line_cost IS NOT NULL) AND (o.line_costed IS NOT NULL) AND ((o.ordered_at >= ( SELECT (((( SELECT t.as_of
                           FROM customer_value.training t
                          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                          ORDER BY t.number DESC
                         LIMIT 1) + '-363'::integer))::timestamp without time zone AT TIME ZONE 'Asia/Shanghai'::text) AS timezone)) OR ((o.ordered_at >= ( SELECT (((( SELECT t.as_of
                           FROM customer_value.training t
                          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                          ORDER BY t.number DESC
                         LIMIT 1) + '-365'::integer))::timestamp without time zone AT TIME ZONE 'Asia/Shanghai'::text) AS timezone)) AND (((o.ordered_at AT TIME ZONE 'Asia/Shanghai'::text))::date >= (( SELECT t.as_of
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1) + '-364'::integer)))) AND ((o.ordered_at < ( SELECT (((( SELECT t.as_of
                           FROM customer_value.training t
                          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                          ORDER BY t.number DESC
                         LIMIT 1) + 0))::timestamp without time zone AT TIME ZONE 'Asia/Shanghai'::text) AS timezone)) OR ((o.ordered_at < ( SELECT (((( SELECT t.as_of
                           FROM customer_value.training t
                          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                          ORDER BY t.number DESC
                         LIMIT 1) + 2))::timestamp without time zone AT TIME ZONE 'Asia/Shanghai'::text) AS timezone)) AND (((o.ordered_at AT TIME ZONE 'Asia/Shanghai'::text))::date <= ( SELECT t.as_of
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1)))))) AS window_cost,
            sum(o.line_costed) FILTER (WHERE ((o.line_cost IS NOT NULL) AND (o.line_costed IS NOT NULL) AND ((o.ordered_at >= ( SELECT (((( SELECT t.as_of
                           FROM customer_value.training t
                          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                          ORDER BY t.number DESC
                         LIMIT 1) + '-363'::integer))::timestamp without time zone AT TIME ZONE 'Asia/Shanghai'::text) AS timezone)) OR ((o.ordered_at >= ( SELECT (((( SELECT t.as_of
                           FROM customer_value.training t
                          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                          ORDER BY t.number DESC
                         LIMIT 1) + '-365'::integer))::timestamp without time zone AT TIME ZONE 'Asia/Shanghai'::text) AS timezone)) AND (((o.ordered_at AT TIME ZONE 'Asia/Shanghai'::text))::date >= (( SELECT t.as_of
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1) + '-364'::integer)))) AND ((o.ordered_at < ( SELECT (((( SELECT t.as_of
                           FROM customer_value.training t
                          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                          ORDER BY t.number DESC
                         LIMIT 1) + 0))::timestamp without time zone AT TIME ZONE 'Asia/Shanghai'::text) AS timezone)) OR ((o.ordered_at < ( SELECT (((( SELECT t.as_of
                           FROM customer_value.training t
                          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                          ORDER BY t.number DESC
                         LIMIT 1) + 2))::timestamp without time zone AT TIME ZONE 'Asia/Shanghai'::text) AS timezone)) AND (((o.ordered_at AT TIME ZONE 'Asia/Shanghai'::text))::date <= ( SELECT t.as_of
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1)))))) AS window_costed,
            sum(o.line_service) FILTER (WHERE (((o.ordered_at >= ( SELECT (((( SELECT t.as_of
                           FROM customer_value.training t
                          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                          ORDER BY t.number DESC
                         LIMIT 1) + '-363'::integer))::timestamp without time zone AT TIME ZONE 'Asia/Shanghai'::text) AS timezone)) OR ((o.ordered_at >= ( SELECT (((( SELECT t.as_of
                           FROM customer_value.training t
                          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                          ORDER BY t.number DESC
                         LIMIT 1) + '-365'::integer))::timestamp without time zone AT TIME ZONE 'Asia/Shanghai'::text) AS timezone)) AND (((o.ordered_at AT TIME ZONE 'Asia/Shanghai'::text))::date >= (( SELECT t.as_of
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1) + '-364'::integer)))) AND ((o.ordered_at < ( SELECT (((( SELECT t.as_of
                           FROM customer_value.training t
                          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                          ORDER BY t.number DESC
                         LIMIT 1) + 0))::timestamp without time zone AT TIME ZONE 'Asia/Shanghai'::text) AS timezone)) OR ((o.ordered_at < ( SELECT (((( SELECT t.as_of
                           FROM customer_value.training t
                          WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                          ORDER BY t.number DESC
                         LIMIT 1) + 2))::timestamp without time zone AT TIME ZONE 'Asia/Shanghai'::text) AS timezone)) AND (((o.ordered_at AT TIME ZONE 'Asia/Shanghai'::text))::date <= ( SELECT t.as_of
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1)))) AND (o.amount IS NOT NULL))) AS window_service,
            customer_value.recency_score(( SELECT t.cuts
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1), customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'::text), ( SELECT t.as_of
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1)) AS recency_score,
            customer_value.frequency_score(( SELECT t.cuts
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1), customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'::text), ( SELECT t.as_of
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1)) AS frequency_score,
            customer_value.monetary_score(( SELECT t.cuts
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1), customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'::text), ( SELECT t.as_of
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1)) AS monetary_score,
            customer_value.order_count(customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'::text), ( SELECT t.as_of
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1)) AS frequency,
            customer_value.revenue(customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'::text), ( SELECT t.as_of
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1)) AS revenue,
            customer_value.average_order_value(customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'::text), ( SELECT t.as_of
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1)) AS average_order_value,
            customer_value.p_alive(( SELECT t.purchase_model
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1), customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'::text), ( SELECT t.as_of
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1)) AS p_alive,
            customer_value.clv(( SELECT t.purchase_model
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1), ( SELECT t.spend_model
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1), customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'::text), ( SELECT t.as_of
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1), '365'::double precision, '0.1'::double precision, ( SELECT t.margin
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1), '0'::double precision) AS clv,
            customer_value.current_value(customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'::text), ( SELECT t.as_of
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1), 365, ( SELECT t.margin
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1)) AS current_value,
            customer_value.revenue_between(customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'::text), (( SELECT t.as_of
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1) - 364), ( SELECT t.as_of
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1)) AS window_revenue,
            customer_value.loyalty(customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'::text), ( SELECT t.as_of
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1), ( SELECT t.purchase_model
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
            customer_value.value_score(customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'::text), ( SELECT t.as_of
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1), ( SELECT a.percentiles
                   FROM customer_value.training_axis a
                  WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'frequency'::text))
                  ORDER BY a.number DESC
                 LIMIT 1), ( SELECT a.percentiles
                   FROM customer_value.training_axis a
                  WHERE ((a.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) AND (a.axis = 'revenue'::text))
                  ORDER BY a.number DESC
                 LIMIT 1)) AS basic_score,
            (customer_value.lifecycle_level(customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'::text), ( SELECT t.as_of
                   FROM customer_value.training t
                  WHERE (t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1), ( SELECT a.percentiles[81] AS percentiles
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
           FROM ( SELECT l.customer_id AS customer,
                    min(l.ordered_at) AS ordered_at,
                    sum(l.total) AS amount,
                    sum(l.cost) FILTER (WHERE ((l.total IS NOT NULL) AND (l.customer_id IS NOT NULL) AND (l.id IS NOT NULL) AND (l.ordered_at IS NOT NULL) AND (l.total IS NOT NULL))) AS line_cost,
                    sum(l.total) FILTER (WHERE ((l.cost IS NOT NULL) AND (l.customer_id IS NOT NULL) AND (l.id IS NOT NULL) AND (l.ordered_at IS NOT NULL) AND (l.total IS NOT NULL))) AS line_costed,
                    sum(l.service) FILTER (WHERE ((l.customer_id IS NOT NULL) AND (l.id IS NOT NULL) AND (l.ordered_at IS NOT NULL) AND (l.total IS NOT NULL))) AS line_service,
                    bool_or(l.discounted) FILTER (WHERE ((l.customer_id IS NOT NULL) AND (l.id IS NOT NULL) AND (l.ordered_at IS NOT NULL) AND (l.total IS NOT NULL))) AS discounted
                   FROM shop.lines l
                  WHERE ((l.customer_id IS NOT NULL) AND (l.id IS NOT NULL) AND (l.ordered_at IS NOT NULL) AND (l.total IS NOT NULL))
                  GROUP BY l.customer_id, l.id) o
          GROUP BY o.customer) h;
