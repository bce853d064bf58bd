CREATE TABLE t14_maybe (id INTEGER PRIMARY KEY, path TEXT);
INSERT INTO t14_maybe VALUES
    (1, 'short'),
    (2, printf('%.*c', 100000, 'x')),
    (3, NULL);
