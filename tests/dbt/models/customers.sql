{{ config(unique_key='id') }}
SELECT id, region FROM shop.raw_customers
