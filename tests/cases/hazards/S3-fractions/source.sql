CREATE TABLE s3_odd (id INTEGER PRIMARY KEY, n INTEGER);
INSERT INTO s3_odd VALUES
    (1, 12),
    (2, 12.5),
    (3, 2.5),
    (4, 1e17);
