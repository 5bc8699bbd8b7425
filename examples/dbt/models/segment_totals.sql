-- One row per segment, for a dashboard that should not compute.
{{ config(materialized='table') }}
select rfm_segment_rank, rfm_segment, count(*) as customers, sum(revenue) as revenue, sum(clv) as clv
from {{ ref('customer_segments') }}
group by rfm_segment_rank, rfm_segment
