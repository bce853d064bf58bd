CREATE TABLE t14_noise (id INTEGER PRIMARY KEY, path TEXT);
-- Text in which nothing comes twice: digits of a sequence that does not repeat.
WITH RECURSIVE n (i, x) AS (SELECT 1, 12345 UNION ALL
    SELECT i + 1, (x * 1103515245 + 12345) % 2147483648 FROM n WHERE i < 1500)
INSERT INTO t14_noise SELECT 7, group_concat(printf('%x', x), '') FROM n;
INSERT INTO t14_noise VALUES (8, 'short');
