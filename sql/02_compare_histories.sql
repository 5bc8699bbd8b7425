-- Histories, continued: equality and an order, so that DISTINCT, GROUP BY, UNION, joins and logical replication work.
--
-- Histories are kept in one canonical form, so equal ones have equal bytes, and they are compared byte by byte. The
-- order means nothing. The hash operator class is not the default one on purpose: hash joins find it through the
-- operator, but the planner does not, so it never adds a Memoize node, which would hash whole histories for each row
-- of a lateral join.

CREATE FUNCTION customer_value_internal.history_eq(purchase_history, purchase_history) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_eq';
CREATE FUNCTION customer_value_internal.history_ne(purchase_history, purchase_history) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_ne';
CREATE FUNCTION customer_value_internal.history_lt(purchase_history, purchase_history) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_lt';
CREATE FUNCTION customer_value_internal.history_le(purchase_history, purchase_history) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_le';
CREATE FUNCTION customer_value_internal.history_gt(purchase_history, purchase_history) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_gt';
CREATE FUNCTION customer_value_internal.history_ge(purchase_history, purchase_history) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_ge';
CREATE FUNCTION customer_value_internal.history_cmp(purchase_history, purchase_history) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_cmp';
CREATE FUNCTION customer_value_internal.history_hash(purchase_history) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_hash';
CREATE FUNCTION customer_value_internal.history_hash_extended(purchase_history, bigint) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_hash_extended';

COMMENT ON FUNCTION customer_value_internal.history_eq(purchase_history, purchase_history) IS
    'Implementation of the = operator';
COMMENT ON FUNCTION customer_value_internal.history_ne(purchase_history, purchase_history) IS
    'Implementation of the <> operator';
COMMENT ON FUNCTION customer_value_internal.history_lt(purchase_history, purchase_history) IS
    'Implementation of the < operator';
COMMENT ON FUNCTION customer_value_internal.history_le(purchase_history, purchase_history) IS
    'Implementation of the <= operator';
COMMENT ON FUNCTION customer_value_internal.history_gt(purchase_history, purchase_history) IS
    'Implementation of the > operator';
COMMENT ON FUNCTION customer_value_internal.history_ge(purchase_history, purchase_history) IS
    'Implementation of the >= operator';
COMMENT ON FUNCTION customer_value_internal.history_cmp(purchase_history, purchase_history) IS
    'Compares two histories byte by byte: less than, equal to or greater than 0';
COMMENT ON FUNCTION customer_value_internal.history_hash(purchase_history) IS 'Hash of a history';
COMMENT ON FUNCTION customer_value_internal.history_hash_extended(purchase_history, bigint) IS
    'Hash of a history with a seed';

CREATE OPERATOR = (
    LEFTARG = purchase_history, RIGHTARG = purchase_history, FUNCTION = customer_value_internal.history_eq,
    COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR <> (
    LEFTARG = purchase_history, RIGHTARG = purchase_history, FUNCTION = customer_value_internal.history_ne,
    COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
    LEFTARG = purchase_history, RIGHTARG = purchase_history, FUNCTION = customer_value_internal.history_lt,
    COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
    LEFTARG = purchase_history, RIGHTARG = purchase_history, FUNCTION = customer_value_internal.history_le,
    COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
    LEFTARG = purchase_history, RIGHTARG = purchase_history, FUNCTION = customer_value_internal.history_gt,
    COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
    LEFTARG = purchase_history, RIGHTARG = purchase_history, FUNCTION = customer_value_internal.history_ge,
    COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);

COMMENT ON OPERATOR = (purchase_history, purchase_history) IS
    'Equal: the same days, orders, sums and refunds, with the same number of decimal digits';
COMMENT ON OPERATOR <> (purchase_history, purchase_history) IS 'Not equal';
COMMENT ON OPERATOR < (purchase_history, purchase_history) IS 'Less than, in an order that only serves sorting';
COMMENT ON OPERATOR <= (purchase_history, purchase_history) IS
    'Less than or equal, in an order that only serves sorting';
COMMENT ON OPERATOR > (purchase_history, purchase_history) IS 'Greater than, in an order that only serves sorting';
COMMENT ON OPERATOR >= (purchase_history, purchase_history) IS
    'Greater than or equal, in an order that only serves sorting';

CREATE OPERATOR FAMILY customer_value_internal.purchase_history_ops USING btree;
CREATE OPERATOR CLASS customer_value_internal.purchase_history_ops
    DEFAULT FOR TYPE purchase_history USING btree FAMILY customer_value_internal.purchase_history_ops AS
    OPERATOR 1 <,
    OPERATOR 2 <=,
    OPERATOR 3 =,
    OPERATOR 4 >=,
    OPERATOR 5 >,
    FUNCTION 1 customer_value_internal.history_cmp(purchase_history, purchase_history);
CREATE OPERATOR FAMILY customer_value_internal.purchase_history_hash_ops USING hash;
CREATE OPERATOR CLASS customer_value_internal.purchase_history_hash_ops
    FOR TYPE purchase_history USING hash FAMILY customer_value_internal.purchase_history_hash_ops AS
    OPERATOR 1 =,
    FUNCTION 1 customer_value_internal.history_hash(purchase_history),
    FUNCTION 2 customer_value_internal.history_hash_extended(purchase_history, bigint);

COMMENT ON OPERATOR FAMILY customer_value_internal.purchase_history_ops USING btree IS
    'Byte order of histories, for sorting, grouping and merging';
COMMENT ON OPERATOR CLASS customer_value_internal.purchase_history_ops USING btree IS
    'Byte order of histories, for sorting, grouping and merging';
COMMENT ON OPERATOR FAMILY customer_value_internal.purchase_history_hash_ops USING hash IS
    'Hashes of histories, for hash joins; not the default, so that the planner adds no Memoize node';
COMMENT ON OPERATOR CLASS customer_value_internal.purchase_history_hash_ops USING hash IS
    'Hashes of histories, for hash joins; not the default, so that the planner adds no Memoize node';
