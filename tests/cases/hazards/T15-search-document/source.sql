CREATE TABLE t15_docs (id INTEGER PRIMARY KEY, body TEXT);
INSERT INTO t15_docs VALUES
    (1, 'some words'),
    (2, printf('%.*c', 1100000, 'x'));
