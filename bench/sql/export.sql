-- The statistics by hand, as CSV for lifetimes; the places of the query and the file are replaced.
\o ':file'
COPY (
:summary
) TO STDOUT (FORMAT csv, HEADER)
;
