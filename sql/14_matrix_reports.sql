-- Label to view, continued: reports that read the whole of a segmentation. All with the rights of whoever asks.

CREATE FUNCTION segment_playbook(view text, by text DEFAULT 'growth', language text DEFAULT NULL)
    RETURNS TABLE (segment text, code text, rank integer, customers bigint, customer_share double precision,
                   revenue numeric, revenue_share double precision, mean_clv double precision, total_clv double precision,
                   action text)
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 100000 ROWS 10
    AS 'MODULE_PATHNAME', 'segment_playbook_wrapper';
COMMENT ON FUNCTION segment_playbook(text, text, text) IS
    'Each position of a matrix, class or RFM scheme, best first, also those without customers, with its size, value and recommended action, in a language (default: that of the segmentation); customers without a position come last, with the reason as the action';

CREATE FUNCTION segment_crosstab(view text, "rows" text, "columns" text)
    RETURNS TABLE (row_label text, column_label text, customers bigint, share double precision, share_of_row double precision,
                   share_of_column double precision, revenue numeric, mean_clv double precision)
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100000 ROWS 100
    AS 'MODULE_PATHNAME', 'segment_crosstab_wrapper';
COMMENT ON FUNCTION segment_crosstab(text, text, text) IS
    'Two label columns of a view against each other: customers in each combination, also those without any in tables of up to 100,000 cells, with their shares, revenue and mean clv; psql draws it with \crosstabview row_label column_label customers';

CREATE FUNCTION segment_profile(view text, dimension text, by text DEFAULT 'rfm_segment', min_customers integer DEFAULT 10)
    RETURNS TABLE (segment text, value text, customers bigint, share_of_segment double precision, share_of_all double precision,
                   index double precision, expected double precision, residual double precision, p_value double precision,
                   adjusted_p_value double precision, chi_square double precision, degrees_of_freedom bigint,
                   table_p_value double precision, cramers_v double precision, smallest_expected double precision)
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100000 ROWS 100
    AS 'MODULE_PATHNAME', 'segment_profile_wrapper';
COMMENT ON FUNCTION segment_profile(text, text, text, integer) IS
    'Where a segment is over- or under-represented: for each segment and value of a column of the view or the customer table, customers, shares, index (100 = as in the whole), expected customers, adjusted residual with its p-value (Holm-adjusted besides), and the chi-square test of the table with the smallest expected count (below 5 it is doubtful); values with fewer customers than min_customers are left out';

CREATE FUNCTION contact_list(view text, max_rows integer DEFAULT 100, min_gaps double precision DEFAULT 1)
    RETURNS TABLE (customer text, last_purchase date, recency_days integer, typical_gap double precision,
                   overdue_days double precision, p_alive double precision, clv double precision, revenue numeric,
                   segment text)
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100000 ROWS 100
    AS 'MODULE_PATHNAME', 'contact_list_wrapper';
COMMENT ON FUNCTION contact_list(text, integer, double precision) IS
    'Customers whose last purchase is longer ago than so many of their typical gaps, highest clv first: whom to call';
