PRAGMA page_size = 65536;
PRAGMA auto_vacuum = incremental;
CREATE TABLE f13_rows (id INTEGER PRIMARY KEY, body TEXT);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
INSERT INTO f13_rows SELECT i, printf('%.*c', 30, 'x') || i FROM n;
DELETE FROM f13_rows WHERE id BETWEEN 4 AND 197;
