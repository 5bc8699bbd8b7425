-- Rows that the kept view and the live view do not share, in all columns but the time of the training.
SELECT (SELECT count(*) FROM (SELECT :columns FROM customer_segments EXCEPT ALL SELECT :columns FROM live_segments) AS k)
     + (SELECT count(*) FROM (SELECT :columns FROM live_segments EXCEPT ALL SELECT :columns FROM customer_segments) AS l)
