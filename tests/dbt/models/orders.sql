SELECT customer_id, day, total FROM shop.raw_orders
{% if is_incremental() %} WHERE day > (SELECT max(day) FROM {{ this }}) {% endif %}
