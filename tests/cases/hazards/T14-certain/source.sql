CREATE TABLE t14_paths (id INTEGER PRIMARY KEY, path TEXT);
INSERT INTO t14_paths VALUES
    (1, 'short'),
    (2, printf('%.*c', 800000, 'x')),
    (3, 'y' || printf('%.*c', 900000, 'x'));
