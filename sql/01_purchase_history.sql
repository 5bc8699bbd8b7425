-- Histories: the type, its text and binary forms, the functions that read one.

-- type ---------------------------------------------------------------------------------------------

CREATE TYPE purchase_history;

CREATE FUNCTION customer_value_internal.purchase_history_in(cstring) RETURNS purchase_history
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'purchase_history_in';
CREATE FUNCTION customer_value_internal.purchase_history_out(purchase_history) RETURNS cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'purchase_history_out';
CREATE FUNCTION customer_value_internal.purchase_history_recv(internal) RETURNS purchase_history
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'purchase_history_recv';
CREATE FUNCTION customer_value_internal.purchase_history_send(purchase_history) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'purchase_history_send';

-- Bytes throughout: no alignment beyond that of the length word.
CREATE TYPE purchase_history (
    INPUT = customer_value_internal.purchase_history_in,
    OUTPUT = customer_value_internal.purchase_history_out,
    RECEIVE = customer_value_internal.purchase_history_recv,
    SEND = customer_value_internal.purchase_history_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);

COMMENT ON TYPE purchase_history IS
    'All orders of a customer by calendar day: orders, gross amount and refunds of each day, exactly; about ten '
    'bytes per day';
COMMENT ON FUNCTION customer_value_internal.purchase_history_in(cstring) IS 'Text (JSON) to purchase_history';
COMMENT ON FUNCTION customer_value_internal.purchase_history_out(purchase_history) IS
    'purchase_history to text (JSON)';
COMMENT ON FUNCTION customer_value_internal.purchase_history_recv(internal) IS 'Binary to purchase_history';
COMMENT ON FUNCTION customer_value_internal.purchase_history_send(purchase_history) IS
    'purchase_history to binary; the first byte is the version';

-- functions that read a history: all of it, or up to as_of, that whole day included -----------------------

CREATE FUNCTION order_count(history purchase_history) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'order_count';
COMMENT ON FUNCTION order_count(purchase_history) IS 'Number of orders; refunds do not count';

CREATE FUNCTION order_count(history purchase_history, as_of date) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'order_count';
COMMENT ON FUNCTION order_count(purchase_history, date) IS
    'Number of orders; refunds do not count; up to as_of, that day included';

CREATE FUNCTION purchase_days(history purchase_history) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'purchase_days';
COMMENT ON FUNCTION purchase_days(purchase_history) IS 'Number of calendar days with an order';

CREATE FUNCTION purchase_days(history purchase_history, as_of date) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'purchase_days';
COMMENT ON FUNCTION purchase_days(purchase_history, date) IS
    'Number of calendar days with an order; up to as_of, that day included';

CREATE FUNCTION first_purchase(history purchase_history) RETURNS date
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'first_purchase';
COMMENT ON FUNCTION first_purchase(purchase_history) IS 'First day with an order; NULL without purchases';

CREATE FUNCTION first_purchase(history purchase_history, as_of date) RETURNS date
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'first_purchase';
COMMENT ON FUNCTION first_purchase(purchase_history, date) IS
    'First day with an order; NULL without purchases; up to as_of, that day included';

CREATE FUNCTION last_purchase(history purchase_history) RETURNS date
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'last_purchase';
COMMENT ON FUNCTION last_purchase(purchase_history) IS 'Last day with an order; NULL without purchases';

CREATE FUNCTION last_purchase(history purchase_history, as_of date) RETURNS date
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'last_purchase';
COMMENT ON FUNCTION last_purchase(purchase_history, date) IS
    'Last day with an order; NULL without purchases; up to as_of, that day included';

CREATE FUNCTION revenue(history purchase_history) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'revenue';
COMMENT ON FUNCTION revenue(purchase_history) IS
    'Net revenue: purchases less refunds, exactly; NULL for orders without amounts';

CREATE FUNCTION revenue(history purchase_history, as_of date) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'revenue';
COMMENT ON FUNCTION revenue(purchase_history, date) IS
    'Net revenue: purchases less refunds, exactly; NULL for orders without amounts; up to as_of, that day included';

CREATE FUNCTION refund_share(history purchase_history) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'refund_share';
COMMENT ON FUNCTION refund_share(purchase_history) IS
    'Refunds as a share of the gross amount; NULL while that is zero';

CREATE FUNCTION refund_share(history purchase_history, as_of date) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'refund_share';
COMMENT ON FUNCTION refund_share(purchase_history, date) IS
    'Refunds as a share of the gross amount; NULL while that is zero; up to as_of, that day included';

CREATE FUNCTION average_order_value(history purchase_history) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'average_order_value';
COMMENT ON FUNCTION average_order_value(purchase_history) IS
    'Gross amount per order, rounded half up to four more digits than the amounts; NULL without purchases or amounts';

CREATE FUNCTION average_order_value(history purchase_history, as_of date) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'average_order_value';
COMMENT ON FUNCTION average_order_value(purchase_history, date) IS
    'Gross amount per order, rounded half up to four more digits than the amounts; NULL without purchases or '
    'amounts; up to as_of, that day included';

CREATE FUNCTION repeat_purchases(history purchase_history) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'repeat_purchases';
COMMENT ON FUNCTION repeat_purchases(purchase_history) IS
    'Purchase days less one (x of the models); NULL without purchases';

CREATE FUNCTION repeat_purchases(history purchase_history, as_of date) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'repeat_purchases';
COMMENT ON FUNCTION repeat_purchases(purchase_history, date) IS
    'Purchase days less one (x of the models); NULL without purchases; up to as_of, that day included';

CREATE FUNCTION purchase_span(history purchase_history) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'purchase_span';
COMMENT ON FUNCTION purchase_span(purchase_history) IS
    'Days from the first to the last purchase (t_x of the models); NULL without purchases';

CREATE FUNCTION purchase_span(history purchase_history, as_of date) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'purchase_span';
COMMENT ON FUNCTION purchase_span(purchase_history, date) IS
    'Days from the first to the last purchase (t_x of the models); NULL without purchases; up to as_of, that day '
    'included';

CREATE FUNCTION repeat_purchase_value(history purchase_history) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'repeat_purchase_value';
COMMENT ON FUNCTION repeat_purchase_value(purchase_history) IS
    'Mean gross amount of the purchase days after the first (m of the models); NULL without repeats or amounts';

CREATE FUNCTION repeat_purchase_value(history purchase_history, as_of date) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'repeat_purchase_value';
COMMENT ON FUNCTION repeat_purchase_value(purchase_history, date) IS
    'Mean gross amount of the purchase days after the first (m of the models); NULL without repeats or amounts; up '
    'to as_of, that day included';

CREATE FUNCTION typical_gap(history purchase_history) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'typical_gap';
COMMENT ON FUNCTION typical_gap(purchase_history) IS
    'Median days between consecutive purchase days; NULL with fewer than two';

CREATE FUNCTION typical_gap(history purchase_history, as_of date) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'typical_gap';
COMMENT ON FUNCTION typical_gap(purchase_history, date) IS
    'Median days between consecutive purchase days; NULL with fewer than two; up to as_of, that day included';

CREATE FUNCTION expected_next_purchase(history purchase_history) RETURNS date
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'expected_next_purchase';
COMMENT ON FUNCTION expected_next_purchase(purchase_history) IS
    'The last purchase and one typical gap after it, a half day left out; NULL with fewer than two purchase days';

CREATE FUNCTION expected_next_purchase(history purchase_history, as_of date) RETURNS date
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'expected_next_purchase';
COMMENT ON FUNCTION expected_next_purchase(purchase_history, date) IS
    'The last purchase and one typical gap after it, a half day left out; NULL with fewer than two purchase days; up to '
    'as_of, that day included';

CREATE FUNCTION customer_age(history purchase_history, as_of date) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'customer_age';
COMMENT ON FUNCTION customer_age(purchase_history, date) IS
    'Days from the first purchase to as_of (T of the models); NULL without purchases';

CREATE FUNCTION days_since_last_purchase(history purchase_history, as_of date) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'days_since_last_purchase';
COMMENT ON FUNCTION days_since_last_purchase(purchase_history, date) IS
    'Days from the last purchase to as_of (recency_days); NULL without purchases';

CREATE FUNCTION revenue_between(history purchase_history, from_day date, to_day date) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'revenue_between';
COMMENT ON FUNCTION revenue_between(purchase_history, date, date) IS
    'Net revenue from one day to another, both included; NULL for orders without amounts';

CREATE FUNCTION orders_between(history purchase_history, from_day date, to_day date) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'orders_between';
COMMENT ON FUNCTION orders_between(purchase_history, date, date) IS
    'Number of orders from one day to another, both included; refunds do not count';

CREATE FUNCTION payback_days(
    history purchase_history, as_of date, cost double precision, margin double precision DEFAULT 1
) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'payback_days';
COMMENT ON FUNCTION payback_days(purchase_history, date, double precision, double precision) IS
    'Days from the first purchase to the first day up to as_of, that day included, at whose end net revenue times margin had '
    'reached a cost; NULL if it has not, and without purchases or amounts';

-- what refunds leave of purchases -----------------------------------------------------------------------------

CREATE FUNCTION net_of_refunds(history purchase_history) RETURNS purchase_history
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'net_of_refunds';
COMMENT ON FUNCTION net_of_refunds(purchase_history) IS
    'The history in which refunds have undone what they refund: of each day''s purchases what is left, and none where '
    'nothing is left; refunds that find no purchase stay';

CREATE FUNCTION net_of_refunds(history purchase_history, as_of date) RETURNS purchase_history
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'net_of_refunds';
COMMENT ON FUNCTION net_of_refunds(purchase_history, date) IS
    'The history in which refunds up to as_of, that day included, have undone what they refund: of each day''s purchases '
    'what is left, and none where nothing is left; refunds that find no purchase, and later days, stay';
