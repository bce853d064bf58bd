CREATE TABLE t13_docs (id INTEGER PRIMARY KEY, a TEXT, b BLOB);
INSERT INTO t13_docs VALUES
    (1, 'short', X'00'),
    (2, printf('%.*c', 30000, 'x'), zeroblob(30001));
