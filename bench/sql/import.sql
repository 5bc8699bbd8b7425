-- What lifetimes predicted, back into the database; the place of the file is replaced.
TRUNCATE predictions_back;
\copy predictions_back FROM ':file' (FORMAT csv, HEADER)
