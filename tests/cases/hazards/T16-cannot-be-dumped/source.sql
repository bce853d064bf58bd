CREATE TABLE t16_docs (id INTEGER PRIMARY KEY, a TEXT, b BLOB);
INSERT INTO t16_docs VALUES
    (1, printf('%.*c', 29000, 'x'), zeroblob(14000)),
    (2, 'short', zeroblob(30000)),
    (3, printf('%.*c', 59000, 'x'), X'00'),
    (4, replace(printf('%.*c', 31000, 'x'), 'x', char(10)), NULL);
