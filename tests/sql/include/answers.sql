\set ECHO none
-- Answers, events and wealth, with edges among them. Not echoed.

-- answers of 60 shops, with some left out; group 0 is content, 1 has none of one question, 2 one answer each
CREATE TABLE answers AS
SELECT i, i * i % 7919 % 60 AS shop,
       CASE
           WHEN i % 11 > 0 AND i * i % 7919 % 60 <> 1
               THEN CASE WHEN i * i % 7919 % 60 = 0 THEN 5 ELSE 1 + (i * 7919 + i / 7) % 5 END
       END AS satisfied,
       CASE WHEN i % 13 > 0 THEN (i * 104729 + i / 3) % 11 END AS recommends,
       CASE WHEN i % 17 > 0 THEN 1 + (i * 99991 + i / 5) % 7 END AS effort
FROM generate_series(1, 6000) AS i
WHERE i * i % 7919 % 60 <> 2;
INSERT INTO answers VALUES (6001, 2, 4, 10, 3), (6002, 2, NULL, NULL, NULL), (6003, 99, NULL, NULL, NULL);

-- events of 120 people over three years, the last of them after the day that is asked for
CREATE TABLE events AS
SELECT i, i * i % 9973 % 120 AS person,
       timestamp '2022-01-01' + (i * 7919 % 100000) * interval '17 minutes' AS at,
       CASE WHEN i % 19 > 0 THEN (i * 31 % 97) ^ 3 / 7.0::float8 END AS weight
FROM generate_series(1, 8000) AS i;
INSERT INTO events VALUES (8001, 1000, NULL, 1), (8002, 1001, '2030-01-01', 1), (8003, 1002, '2024-06-30', NULL);

-- what customers have, in groups of 3 to 121
CREATE TABLE wealth AS
SELECT g,
       CASE
           WHEN k % 17 = 0 THEN NULL
           WHEN g % 5 = 0 AND k % 4 = 0 THEN -((k * 31) % 50)
           WHEN g % 7 = 0 AND k % 2 = 0 THEN 0
           ELSE ((k * 7919 + g * 104729) % 1000) ^ (1 + g % 3) / 7.0::float8
       END AS value
FROM generate_series(1, 60) AS g, LATERAL generate_series(1, 1 + g * 2) AS k;
\set ECHO all
