-- What labels were compare_days before, when the next purchase is expected, and drift over days
\i tests/sql/include/helpers.sql
\i tests/sql/include/shop.sql
