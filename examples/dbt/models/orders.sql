-- Made anew by each run: dbt builds a new table, swaps the names, drops the old one.
{{ config(materialized='table', indexes=[{'columns': ['customer_id']}]) }}
select order_id, customer_id, created_at, total
from {{ source('shop', 'orders') }}
