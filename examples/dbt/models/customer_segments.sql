{{ config(
    materialized='segmentation',
    customer='customer_id',
    ordered_at='created_at',
    amount='total',
    options={'as_of': '1998-07-01', 'horizon_days': 180},
) }}
select * from {{ ref('orders') }}
