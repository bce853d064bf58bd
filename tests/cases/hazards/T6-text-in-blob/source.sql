CREATE TABLE t6_data (id INTEGER PRIMARY KEY, raw BLOB);
INSERT INTO t6_data VALUES
    (1, X'00ff'),
    (2, 'deadbeef'),
    (3, '\xdead'),
    (4, '\'),
    (5, 'é'),
    (6, '');
