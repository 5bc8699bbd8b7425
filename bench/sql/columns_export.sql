-- The columns that others read, as CSV in a file of the server; its place is replaced.
COPY (SELECT customer_id, ordered_at AT TIME ZONE 'UTC' AS ordered_at, amount FROM orders)
TO ':file' (FORMAT csv, HEADER)
