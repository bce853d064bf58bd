CREATE TABLE t9_values (id INTEGER PRIMARY KEY, n, price, u TEXT, doc TEXT, host TEXT);
INSERT INTO t9_values VALUES
    (1, 1, 1.5, NULL, '""', NULL),
    (2, '', '', '', '', '');
