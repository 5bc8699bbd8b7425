-- Orders for trying out.

CREATE FUNCTION customer_value_internal.draw_orders(
    customers integer, days integer, seed bigint, purchases text, spend text, first_day date,
    joining_days integer
)
    RETURNS TABLE (customer_id bigint, ordered_at timestamptz, cents bigint)
    LANGUAGE c IMMUTABLE STRICT PARALLEL RESTRICTED COST 100 ROWS 10000
    AS 'MODULE_PATHNAME', 'draw_orders_wrapper';
COMMENT ON FUNCTION customer_value_internal.draw_orders(integer, integer, bigint, text, text, date, integer) IS
    'Orders drawn from models given as text, amounts in hundredths; part of simulate_orders';

CREATE FUNCTION simulate_orders(
    customers integer, days integer, seed bigint DEFAULT 1,
    purchases purchase_model DEFAULT '{"family": "bg_nbd", "r": 0.24, "alpha": 30.9, "a": 0.79, "b": 2.43}',
    spend spend_model DEFAULT '{"family": "gamma_gamma", "p": 6.25, "q": 3.74, "v": 15.44}',
    first_day date DEFAULT '2024-01-01', joining_days integer DEFAULT NULL
)
    RETURNS TABLE (customer_id bigint, ordered_at timestamptz, amount numeric)
    LANGUAGE sql IMMUTABLE PARALLEL RESTRICTED ROWS 10000
BEGIN ATOMIC
    SELECT o.customer_id, o.ordered_at, o.cents * 0.01
    FROM customer_value_internal.draw_orders(
        customers, days, seed, purchases::text, spend::text, first_day, coalesce(joining_days, days)
    ) AS o;
END;
COMMENT ON FUNCTION simulate_orders(integer, integer, bigint, purchase_model, spend_model, date, integer) IS
    'Orders of this many customers, who join evenly over joining_days (default: all days) and buy as a model says '
    'until the last day; equal arguments give equal orders, and each customer is the same however many there are';
